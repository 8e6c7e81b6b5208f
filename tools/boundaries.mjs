/**
 * The dependency rule: domain <- algorithms <- stages <- apps; each outside package in its one adapter.
 * Tags are in the `nx.tags` of every package.json; tools/boundaries.test.mjs proves that a violation is caught.
 */

/** Outside packages that one adapter (its `lib:` tag) may import, and nobody else. */
const outside = {
  'onnxruntime-node': 'inference',
  'fluent-ffmpeg': 'media',
};

/** Tag of a package, and the tags of the packages it may depend on. */
const layers = [
  ['type:domain', []],
  ['type:algo', ['type:domain', 'type:algo']],
  ['type:kit', ['type:domain']],
  ['type:stage', ['type:domain', 'type:algo', 'type:kit']],
  ['type:engine', ['type:domain', 'type:kit', 'type:stage']],
  ['type:adapter', ['type:domain', 'type:algo', 'type:kit', 'type:adapter']],
  [
    'type:app',
    ['type:domain', 'type:algo', 'type:kit', 'type:stage', 'type:engine', 'type:adapter'],
  ],
  ['type:test', ['*']],
];

export const boundaries = {
  enforceBuildableLibDependency: false,
  allow: [],
  depConstraints: [
    ...layers.map(([sourceTag, allowed]) => ({
      sourceTag,
      // Tests everywhere may use the helpers of libs/testing.
      onlyDependOnLibsWithTags: allowed.includes('*') ? allowed : [...allowed, 'type:test'],
      ...(sourceTag === 'type:adapter' ? {} : { bannedExternalImports: Object.keys(outside) }),
    })),
    ...Object.entries(outside).map(([packageName, owner]) => ({
      sourceTag: `/^lib:(?!${owner}$)/`,
      onlyDependOnLibsWithTags: ['*'],
      bannedExternalImports: [packageName],
    })),
  ],
};

/** Only libs/media starts programs (ffmpeg); tests and apps may as well. */
export const noProcesses = {
  files: ['libs/**/*.ts', 'services/**/*.ts'],
  ignores: ['libs/media/**', 'libs/testing/**', '**/*.test.ts', '**/src/testing/**'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        paths: ['node:child_process', 'child_process'].map((name) => ({
          name,
          message: 'Only libs/media starts other programs.',
        })),
      },
    ],
  },
};
