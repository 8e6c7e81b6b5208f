/**
 * The dependency rule: domain <- algorithms <- stages <- apps; each outside package in its one adapter.
 * Tags are in the `nx.tags` of every package.json; tools/boundaries.test.mjs proves that a violation is caught.
 */

/** Outside packages that one adapter (its `lib:` tag) may import, and nobody else. */
const outside = {
  'onnxruntime-node': ['inference'],
  'fluent-ffmpeg': ['media'],
  // The code made from the contract speaks to gRPC as well.
  '@grpc/grpc-js': ['rpc', 'contracts'],
  '@nats-io/*': ['messaging'],
  '@aws-sdk/*': ['storage'],
  '@opentelemetry/sdk-node': ['telemetry'],
  pino: ['telemetry'],
  zod: ['config'],
};

/** Tag of a package, and the tags of the packages it may depend on. */
const layers = [
  ['type:domain', []],
  ['type:algo', ['type:domain', 'type:algo']],
  ['type:kit', ['type:domain']],
  ['type:contract', ['type:domain']],
  ['type:stage', ['type:domain', 'type:algo', 'type:kit']],
  ['type:engine', ['type:domain', 'type:kit', 'type:stage']],
  ['type:adapter', ['type:domain', 'type:algo', 'type:kit', 'type:contract', 'type:adapter']],
  ['type:host', ['type:domain', 'type:kit', 'type:contract', 'type:adapter']],
  [
    'type:app',
    [
      'type:domain',
      'type:algo',
      'type:kit',
      'type:contract',
      'type:stage',
      'type:engine',
      'type:adapter',
      'type:host',
    ],
  ],
  ['type:test', ['*']],
];

/** @param {string[]} hosting further tags for stages: only what hosts them may know the host and the contract */
function boundariesFor(hosting) {
  return {
    enforceBuildableLibDependency: false,
    allow: [],
    depConstraints: [
      ...layers.map(([sourceTag, allowed]) => ({
        sourceTag,
        // Tests everywhere may use the helpers of libs/testing.
        onlyDependOnLibsWithTags: allowed.includes('*')
          ? allowed
          : [...allowed, ...(sourceTag === 'type:stage' ? hosting : []), 'type:test'],
      })),
      ...Object.entries(outside).map(([packageName, owners]) => ({
        sourceTag: `/^(type:(domain|algo|kit|stage|engine|host|app|test)|lib:(?!(${owners.join('|')})$).*)$/`,
        onlyDependOnLibsWithTags: ['*'],
        bannedExternalImports: [packageName],
      })),
    ],
  };
}

export const boundaries = boundariesFor([]);

/** The door of a stage: its `main.ts`, and what turns messages into calls. */
export const hostBoundaries = {
  files: ['services/*/src/main.ts', 'services/*/src/host/**/*.ts'],
  rules: {
    '@nx/enforce-module-boundaries': [
      'error',
      boundariesFor(['type:host', 'type:contract', 'type:adapter']),
    ],
  },
};

/** Only libs/media starts programs (ffmpeg), and libs/messaging its server; tests and apps may as well. */
export const noProcesses = {
  files: ['libs/**/*.ts', 'services/**/*.ts'],
  ignores: [
    'libs/media/**',
    'libs/messaging/src/nats-server.ts',
    'libs/testing/**',
    '**/*.test.ts',
    '**/src/testing/**',
  ],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        paths: ['node:child_process', 'child_process'].map((name) => ({
          name,
          message: 'Only libs/media starts other programs (and libs/messaging its server).',
        })),
      },
    ],
  },
};
