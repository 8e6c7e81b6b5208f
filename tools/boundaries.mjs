/**
 * The dependency rule: domain <- algorithms <- stages <- apps; each outside package in its one adapter.
 * Tags are in the `nx.tags` of every package.json; tools/boundaries.test proves that a violation is caught.
 */
const outside = {
  'onnxruntime-node': 'lib:inference',
  'fluent-ffmpeg': 'lib:media',
};

const layers = [
  ['type:domain', []],
  ['type:algo', ['type:domain', 'type:algo']],
  ['type:kit', ['type:domain']],
  ['type:stage', ['type:domain', 'type:algo', 'type:kit']],
  ['type:engine', ['type:domain', 'type:kit', 'type:stage']],
  ['type:adapter', ['type:domain', 'type:algo', 'type:kit', 'type:adapter']],
  ['type:app', ['type:domain', 'type:algo', 'type:kit', 'type:stage', 'type:engine', 'type:adapter']],
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
      ...(sourceTag === 'type:adapter' || sourceTag === 'type:test'
        ? {}
        : { bannedExternalImports: Object.keys(outside) }),
    })),
    ...Object.entries(outside).map(([pkg, owner]) => ({
      allSourceTags: ['type:adapter', `not:${owner}`],
      bannedExternalImports: [pkg],
    })),
  ],
};
