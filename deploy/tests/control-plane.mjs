/**
 * Applies deploy/k8s to a real control plane and looks where the pods land: `node deploy/tests/control-plane.mjs`.
 *
 * Starts etcd, kube-apiserver, kube-controller-manager and kube-scheduler on loopback, registers two CPU and two GPU nodes
 * (objects only, no kubelet runs), applies the overlay `gpu`, and asserts that every object of every combination is
 * accepted, that GPU pods are bound to GPU nodes and to nothing else, that CPU pods are not, and that SyncNet scales alone.
 * AVD_KUBE_BIN_DIR is the folder of the programs; docs/operations.md says how to build them. Exit code 0 passed, 1 failed, 77
 * skipped.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { combinations, findRenderer, render } from '../../tools/deploy-render.mjs';
import { customResourceDefinitions } from '../../tools/deploy-validate.mjs';

const PROGRAMS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
const DEADLINE_MS = 180_000;
const TOKEN = 'control-plane-test';

const binDir = process.env.AVD_KUBE_BIN_DIR ?? '';
const missing = PROGRAMS.filter((name) => !existsSync(path.join(binDir, name)));
const renderer = findRenderer();
if (missing.length > 0 || !renderer) {
  const what = missing.length > 0 ? missing.join(', ') : 'kubectl or kustomize';
  process.stdout.write(`skipped: no ${what} (AVD_KUBE_BIN_DIR=${binDir})\n`);
  process.exit(77);
}

const dir = mkdtempSync(path.join(tmpdir(), 'avd-control-plane-'));
const children = [];

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function start(name, flags) {
  const log = openSync(path.join(dir, `${name}.log`), 'w');
  const child = spawn(path.join(binDir, name), flags, { stdio: ['ignore', log, log] });
  children.push({ name, child });
}

async function poll(label, look) {
  const endMs = Date.now() + DEADLINE_MS;
  let last;
  while (Date.now() < endMs) {
    const ended = children.find(({ child }) => child.exitCode !== null);
    if (ended) throw new Error(`${ended.name} ended:\n${tail(ended.name)}`);
    try {
      last = await look();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`${label}: not within ${DEADLINE_MS / 1000} s (${last})`);
}

const tail = (name) =>
  readFileSync(path.join(dir, `${name}.log`), 'utf8')
    .split('\n')
    .slice(-15)
    .join('\n');

let apiPort;
function api(method, url, body) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const patch = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  return new Promise((resolve, reject) => {
    const request = https.request(
      {
        host: '127.0.0.1',
        port: apiPort,
        path: url,
        method,
        ca: readFileSync(path.join(dir, 'certs/apiserver.crt')),
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': patch },
      },
      (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          const answer = Buffer.concat(chunks).toString();
          if (response.statusCode < 300) resolve(answer === 'ok' ? answer : JSON.parse(answer));
          else reject(new Error(`${method} ${url}: ${response.statusCode} ${answer}`));
        });
      },
    );
    request.on('error', reject);
    request.end(text);
  });
}

let resources;
/** The address of a kind, as the server itself says. */
async function addressOf({ apiVersion, kind, metadata }) {
  resources ??= new Map();
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  if (!resources.has(root)) resources.set(root, (await api('GET', root)).resources);
  const resource = resources
    .get(root)
    .find((entry) => entry.kind === kind && !entry.name.includes('/'));
  assert.ok(resource, `the server knows no ${apiVersion} ${kind}`);
  const scope = resource.namespaced ? `/namespaces/${metadata.namespace}` : '';
  return `${root}${scope}/${resource.name}`;
}

/** Refuses unknown fields, as kubectl apply does. @param isRehearsal ask admission only, keep nothing */
async function create(object, isRehearsal = false) {
  const options = `fieldValidation=Strict${isRehearsal ? '&dryRun=All' : ''}`;
  await api('POST', `${await addressOf(object)}?${options}`, object);
}

const namespacesFirst = (a, b) => Number(b.kind === 'Namespace') - Number(a.kind === 'Namespace');

async function addNode(name, gpus) {
  const wanted = node(name, gpus);
  await create(wanted);
  await api('PATCH', `/api/v1/nodes/${name}/status`, { status: wanted.status });
  // Admission taints a new node until somebody finds it ready; nobody does here.
  await api('PATCH', `/api/v1/nodes/${name}`, { spec: { taints: wanted.spec.taints ?? null } });
}

/** What a cluster has before avd comes: nodes, volumes, the operators' kinds, the runtime class of the GPU operator. */
async function equipCluster() {
  for (const [name, gpus] of [
    ['cpu-1', 0],
    ['cpu-2', 0],
    ['gpu-1', 2],
    ['gpu-2', 2],
  ])
    await addNode(name, gpus);
  for (const [name, mode, storage] of [
    ['blobs', 'ReadWriteMany', '200Gi'],
    ['nats', 'ReadWriteOnce', '10Gi'],
  ]) {
    await create({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name },
      spec: { accessModes: [mode], capacity: { storage }, hostPath: { path: `/${name}` } },
    });
  }
  await create({
    apiVersion: 'node.k8s.io/v1',
    kind: 'RuntimeClass',
    metadata: { name: 'nvidia' },
    handler: 'nvidia',
  });
  for (const { status: _, ...crd } of customResourceDefinitions()) {
    await create(crd);
    const { group, versions, names } = crd.spec;
    // Served a moment after it is defined.
    await poll(`the kind ${names.kind}`, async () =>
      (await api('GET', `/apis/${group}/${versions[0].name}`)).resources.some(
        ({ kind }) => kind === names.kind,
      ),
    );
  }
}

async function startControlPlane() {
  const [etcdPort, peerPort] = [await freePort(), await freePort()];
  apiPort = await freePort();
  const etcd = `http://127.0.0.1:${etcdPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  start('etcd', [
    '--data-dir',
    path.join(dir, 'etcd'),
    '--unsafe-no-fsync',
    '--listen-client-urls',
    etcd,
    '--advertise-client-urls',
    etcd,
    '--listen-peer-urls',
    peer,
    '--initial-advertise-peer-urls',
    peer,
    '--initial-cluster',
    `default=${peer}`,
  ]);
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const keyFile = path.join(dir, 'service-accounts.pem');
  writeFileSync(keyFile, privateKey, { mode: 0o600 });
  const tokenFile = path.join(dir, 'tokens.csv');
  writeFileSync(tokenFile, `${TOKEN},test,test,system:masters\n`, { mode: 0o600 });
  start('kube-apiserver', [
    `--etcd-servers=${etcd}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${apiPort}`,
    `--cert-dir=${dir}/certs`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--authorization-mode=RBAC',
    `--token-auth-file=${tokenFile}`,
    `--service-account-key-file=${keyFile}`,
    `--service-account-signing-key-file=${keyFile}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    '--runtime-config=api/all=true',
  ]);
  await poll('the API server', () => api('GET', '/readyz'));

  const kubeconfig = path.join(dir, 'kubeconfig');
  const cluster = {
    server: `https://127.0.0.1:${apiPort}`,
    'certificate-authority': `${dir}/certs/apiserver.crt`,
  };
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster }],
      users: [{ name: 'test', user: { token: TOKEN } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
      'current-context': 'test',
    }),
    { mode: 0o600 },
  );
  for (const name of ['kube-controller-manager', 'kube-scheduler']) {
    const own =
      name === 'kube-controller-manager'
        ? [
            '--controllers=*,-node-lifecycle-controller',
            `--service-account-private-key-file=${keyFile}`,
          ]
        : [];
    start(name, [
      `--kubeconfig=${kubeconfig}`,
      '--leader-elect=false',
      '--bind-address=127.0.0.1',
      `--secure-port=${await freePort()}`,
      ...own,
    ]);
  }
}

function node(name, gpus) {
  const gpu = gpus > 0;
  const capacity = {
    cpu: '32',
    memory: '128Gi',
    pods: '110',
    ...(gpu ? { 'nvidia.com/gpu': String(gpus) } : {}),
  };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        ...(gpu ? { 'nvidia.com/gpu.present': 'true' } : {}),
      },
    },
    spec: gpu
      ? { taints: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }] }
      : {},
    status: { capacity, allocatable: capacity, conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

const GPU_STAGES = ['face-track', 'syncnet', 'embed'].map((stage) => `avd-${stage}`);
const listPods = async () => (await api('GET', '/api/v1/namespaces/avd/pods')).items;
const appOf = (pod) => pod.metadata.labels['app.kubernetes.io/name'];
const isScheduled = (pod) => Boolean(pod.spec.nodeName);

function assertPlacement(pods) {
  for (const pod of pods.filter(isScheduled)) {
    const onGpu = pod.spec.nodeName.startsWith('gpu');
    assert.equal(
      onGpu,
      GPU_STAGES.includes(appOf(pod)),
      `${pod.metadata.name} is on ${pod.spec.nodeName}`,
    );
  }
}

async function scaleTo(name, replicas) {
  await api('PATCH', `/apis/apps/v1/namespaces/avd/deployments/${name}`, { spec: { replicas } });
}

async function main() {
  await startControlPlane();
  process.stdout.write(`control plane ${(await api('GET', '/version')).gitVersion} is up\n`);

  await equipCluster();
  for (const object of render(renderer, 'overlays/gpu').sort(namespacesFirst)) await create(object);
  process.stdout.write('overlays/gpu: accepted\n');
  for (const folder of combinations()) if (folder !== 'overlays/gpu') await rehearse(folder);

  const first = await poll('all pods have a node', async () => {
    const pods = await listPods();
    const waiting = pods.filter((pod) => !isScheduled(pod));
    return pods.length === 10 && waiting.length === 0 ? pods : undefined;
  });
  assertPlacement(first);
  report('after the installation', first);

  // Five SyncNet pods, seven GPU pods in all, four GPUs: three wait, none spills over to a CPU node.
  await scaleTo('avd-syncnet', 5);
  const scaled = await poll('four GPUs are taken and three pods wait', async () => {
    const pods = await listPods();
    const gpuPods = pods.filter((pod) => GPU_STAGES.includes(appOf(pod)));
    const isTold = gpuPods.every(
      (pod) =>
        isScheduled(pod) || pod.status.conditions?.some(({ reason }) => reason === 'Unschedulable'),
    );
    return gpuPods.length === 7 && isTold && gpuPods.filter(isScheduled).length === 4
      ? pods
      : undefined;
  });
  assertPlacement(scaled);
  const others = (pods) =>
    pods
      .filter((pod) => appOf(pod) !== 'avd-syncnet')
      .map((pod) => pod.metadata.name)
      .sort();
  assert.deepEqual(others(scaled), others(first), 'scaling SyncNet touched another pod');
  report('with syncnet scaled to 5', scaled);

  // A GPU node more: the waiting pods go there.
  await addNode('gpu-3', 4);
  const grown = await poll('all GPU pods have a node', async () => {
    const pods = await listPods();
    return pods.filter((pod) => GPU_STAGES.includes(appOf(pod))).every(isScheduled)
      ? pods
      : undefined;
  });
  assertPlacement(grown);
  report('with a third GPU node', grown);
  process.stdout.write(
    'passed: GPU pods on GPU nodes only, CPU pods on the others, SyncNet scales alone\n',
  );
}

function report(label, pods) {
  const lines = pods.map(
    (pod) => `  ${appOf(pod).padEnd(18)} ${pod.spec.nodeName ?? '(waits for a GPU)'}`,
  );
  process.stdout.write(
    `${label}:\n${[...new Set(lines.sort())].map((line) => `${line}  x${lines.filter((other) => other === line).length}`).join('\n')}\n`,
  );
}

/** Admission without keeping, in a namespace of its own: the objects of a combination, and the pods they would make. */
async function rehearse(folder) {
  const name = `rehearsal-${path.basename(folder)}`;
  const objects = render(renderer, folder).sort(namespacesFirst);
  const home = objects.find(({ kind }) => kind === 'Namespace');
  home.metadata.name = name;
  await create(home);
  const inside = objects.filter((object) => object !== home);
  for (const object of inside) object.metadata.namespace = name;
  // A pod is only accepted where its ServiceAccount is.
  for (const object of inside) await create(object, object.kind !== 'ServiceAccount');
  for (const { kind, metadata, spec } of inside) {
    if (kind !== 'Deployment' && kind !== 'StatefulSet') continue;
    const pod = {
      name: `${metadata.name}-0`,
      namespace: name,
      labels: spec.template.metadata.labels,
    };
    // Volumes that a StatefulSet claims for its pods.
    const claims = (spec.volumeClaimTemplates ?? []).map((claim) => ({
      name: claim.metadata.name,
      emptyDir: {},
    }));
    const volumes = [...(spec.template.spec.volumes ?? []), ...claims];
    const podSpec = { ...spec.template.spec, volumes };
    await create({ apiVersion: 'v1', kind: 'Pod', metadata: pod, spec: podSpec }, true);
  }
  process.stdout.write(
    `${folder}: ${objects.length} objects and their pods accepted (rehearsal)\n`,
  );
}

try {
  await main();
} catch (error) {
  process.stdout.write(`failed: ${error.stack}\n`);
  process.exitCode = 1;
} finally {
  for (const { child } of children.reverse()) child.kill('SIGKILL');
  await Promise.all(
    children.map(
      ({ child }) =>
        child.exitCode ?? child.signalCode ?? new Promise((resolve) => child.once('exit', resolve)),
    ),
  );
  rmSync(dir, { recursive: true, force: true });
}
