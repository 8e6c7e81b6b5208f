/** Renders deploy/k8s with kubectl or kustomize, whichever is there. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const repoDir = path.resolve(import.meta.dirname, '..');
export const k8sDir = path.join(repoDir, 'deploy/k8s');
export const schemasDir = path.join(repoDir, 'deploy/testdata/schemas');

const yaml = createRequire(path.join(repoDir, 'libs/telemetry/package.json'))('yaml');

/** Documents of a YAML text; empty ones left out. @param options of the package yaml, such as `merge` for `<<` */
export function parseYaml(text, options = {}) {
  return yaml
    .parseAllDocuments(text, options)
    .map((document) => {
      if (document.errors.length > 0) throw document.errors[0];
      return document.toJS();
    })
    .filter((document) => document !== null);
}

/** Command line that renders a folder, or undefined where there is none. `AVD_KUSTOMIZE` names a program. */
export function findRenderer() {
  const candidates = [
    ...(process.env.AVD_KUSTOMIZE ? [[process.env.AVD_KUSTOMIZE, 'build']] : []),
    ['kustomize', 'build'],
    ['kubectl', 'kustomize'],
  ];
  return candidates.find(
    ([program, command]) => spawnSync(program, [command, '--help']).status === 0,
  );
}

/** Objects that a folder of deploy/k8s renders to. @param folder relative to deploy/k8s */
export function render([program, command], folder) {
  const run = spawnSync(program, [command, path.join(k8sDir, folder)], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (run.status !== 0) throw new Error(`${folder} does not render: ${run.stderr}`);
  return parseYaml(run.stdout);
}

/** Every overlay and every combination under tests/. */
export function combinations() {
  return ['overlays', 'tests'].flatMap((parent) =>
    readdirSync(path.join(k8sDir, parent))
      .sort()
      .map((name) => `${parent}/${name}`),
  );
}
