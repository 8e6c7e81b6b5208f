/**
 * Pins the schemas that deploy/k8s is checked against: `node tools/deploy-schemas.mjs`, with Go and its module proxy.
 * Takes them out of the Go modules of Kubernetes, KEDA and the Gateway API, drops prose and the kinds nobody uses here, and
 * writes deploy/testdata/schemas. All three are licensed under Apache-2.0 (see NOTICE).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseYaml, schemasDir } from './deploy-render.mjs';

const KUBERNETES = 'k8s.io/kubernetes@v1.34.2';
const KINDS = [
  'Namespace',
  'ConfigMap',
  'Secret',
  'Service',
  'ServiceAccount',
  'PersistentVolumeClaim',
  'apps/v1 Deployment',
  'apps/v1 StatefulSet',
  'autoscaling/v2 HorizontalPodAutoscaler',
  'networking.k8s.io/v1 Ingress',
  'networking.k8s.io/v1 NetworkPolicy',
  'policy/v1 PodDisruptionBudget',
];
const RESOURCES = [
  [
    'github.com/kedacore/keda/v2@v2.18.3',
    ['config/crd/bases/keda.sh_scaledobjects.yaml'],
    'keda.json',
  ],
  [
    'sigs.k8s.io/gateway-api@v1.4.1',
    ['grpcroutes', 'httproutes'].map(
      (name) => `config/crd/standard/gateway.networking.k8s.io_${name}.yaml`,
    ),
    'gateway-api.json',
  ],
];

function moduleDir(module) {
  const dir = mkdtempSync(path.join(tmpdir(), 'avd-schemas-'));
  try {
    const run = spawnSync('go', ['mod', 'download', '-json', module], {
      cwd: dir,
      encoding: 'utf8',
    });
    if (run.status !== 0) throw new Error(`go mod download ${module}: ${run.stderr}${run.stdout}`);
    return JSON.parse(run.stdout).Dir;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Without prose: a `description` that is text, not a field of that name. */
function withoutProse(value) {
  if (Array.isArray(value)) return value.map(withoutProse);
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value).filter(
    ([key, inner]) => !(key === 'description' && typeof inner === 'string'),
  );
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutProse(inner)]));
}

function kubernetesDefinitions() {
  const file = path.join(moduleDir(KUBERNETES), 'api/openapi-spec/swagger.json');
  const { definitions } = JSON.parse(readFileSync(file, 'utf8'));
  const kept = {};
  const keep = (name) => {
    if (name in kept) return;
    kept[name] = withoutProse(definitions[name]);
    for (const [, inner] of JSON.stringify(kept[name]).matchAll(
      /"\$ref":"#\/definitions\/([^"]+)"/g,
    )) {
      keep(inner);
    }
  };
  for (const [name, definition] of Object.entries(definitions)) {
    for (const { group, version, kind } of definition['x-kubernetes-group-version-kind'] ?? []) {
      const label = group === '' ? kind : `${group}/${version} ${kind}`;
      if (KINDS.includes(label)) keep(name);
    }
  }
  return Object.fromEntries(Object.entries(kept).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function write(name, content) {
  writeFileSync(
    path.join(schemasDir, name),
    `${JSON.stringify({ licence: 'Apache-2.0', ...content })}\n`,
  );
}

write('kubernetes.json', { source: KUBERNETES, definitions: kubernetesDefinitions() });
for (const [module, files, output] of RESOURCES) {
  const dir = moduleDir(module);
  const crds = files.map((file) =>
    withoutProse(parseYaml(readFileSync(path.join(dir, file), 'utf8'))[0]),
  );
  write(output, { source: module, crds });
}
