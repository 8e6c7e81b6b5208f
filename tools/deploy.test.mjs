/**
 * deploy/k8s renders, is valid against the pinned schemas, and keeps the policies of deploy-policies.mjs; the alerts and the
 * dashboard ask for metrics that exist. Skips what needs kubectl or kustomize where neither is there, and says so.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { allows } from './deploy-network.mjs';
import { named, ofKind, policies, STAGES, workloads } from './deploy-policies.mjs';
import { combinations, findRenderer, k8sDir, parseYaml, render } from './deploy-render.mjs';
import { createValidator } from './deploy-validate.mjs';
import {
  connectMessaging,
  ensureTopology,
  launchNatsServer,
  natsServerPath,
  publishTask,
} from '@avd/messaging';
import {
  ACK_WAIT_SEC,
  consumerSettings,
  MAX_ACK_PENDING,
  taskConsumer,
  TASK_STREAM,
} from '@avd/messaging/topology';
import { orchestratorSettings, parseConfig, workerSettings } from '@avd/config';

const repoDir = path.resolve(import.meta.dirname, '..');
const renderer = findRenderer();
const needsRenderer = renderer
  ? {}
  : { skip: 'neither kustomize nor kubectl is here (AVD_KUSTOMIZE)' };

const topology = {
  stream: TASK_STREAM,
  consumers: consumerSettings()
    .filter(({ stream }) => stream === TASK_STREAM)
    .map((consumer) => consumer.durable_name),
  consumerOf: taskConsumer,
  ackWaitSec: ACK_WAIT_SEC,
  maxAckPending: MAX_ACK_PENDING,
};

function kustomization(folder) {
  return parseYaml(readFileSync(path.join(k8sDir, folder, 'kustomization.yaml'), 'utf8'))[0];
}

function componentsOf(folder) {
  return kustomization(folder).components.map((component) => path.basename(component));
}

const rendered = new Map();
/** A copy of what a folder renders to, to be changed at will. */
function objectsOf(folder) {
  if (!rendered.has(folder)) rendered.set(folder, render(renderer, folder));
  return structuredClone(rendered.get(folder));
}

/** What a service would say of its environment when it starts: errors and warnings. */
function parseEnvironment(name, environment) {
  try {
    return parseConfig(name === 'orchestrator' ? orchestratorSettings : workerSettings, environment)
      .warnings;
  } catch (error) {
    return [error.message];
  }
}

const contextOf = (folder) => ({ components: componentsOf(folder), topology, parseEnvironment });

describe('every combination', needsRenderer, () => {
  const validate = renderer && createValidator();
  for (const folder of combinations()) {
    it(`${folder} renders to valid objects that keep the policies`, () => {
      const objects = objectsOf(folder);
      assert.deepEqual(objects.flatMap(validate), []);
      for (const [name, policy] of Object.entries(policies))
        assert.deepEqual(policy(objects, contextOf(folder)), [], name);
      const keys = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      assert.equal(new Set(keys).size, keys.length);
    });
  }

  it('contains every component at least once', () => {
    const used = new Set(combinations().flatMap(componentsOf));
    const there = readdirSync(path.join(k8sDir, 'components'));
    assert.deepEqual(
      there.filter((component) => !used.has(component)),
      [],
    );
  });
});

describe('the schema check', needsRenderer, () => {
  const validate = renderer && createValidator();
  const broken = {
    'an unknown field of a container': [
      'Deployment',
      'avd-syncnet',
      (o) => (o.spec.template.spec.containers[0].resourcez = {}),
      /resourcez/,
    ],
    'a wrong type': [
      'Deployment',
      'avd-orchestrator',
      (o) => (o.spec.replicas = 'two'),
      /replicas/,
    ],
    'a wrong quantity': [
      'Deployment',
      'avd-vad',
      (o) => (o.spec.template.spec.containers[0].resources.limits.memory = '2GB'),
      /memory/,
    ],
    'a missing selector': ['Deployment', 'avd-vad', (o) => delete o.spec.selector, /selector/],
    'an unknown field of a ScaledObject': [
      'ScaledObject',
      'avd-syncnet',
      (o) => (o.spec.minReplicas = 0),
      /minReplicas/,
    ],
    'an unknown field of a trigger': [
      'ScaledObject',
      'avd-syncnet',
      (o) => (o.spec.triggers[0].metadatas = {}),
      /metadatas/,
    ],
    'a kind without a schema': ['Deployment', 'avd-vad', (o) => (o.kind = 'Deploiment'), /pinned/],
  };
  for (const [label, [kind, name, change, message]] of Object.entries(broken)) {
    it(`refuses ${label}`, () => {
      const object = named(objectsOf('overlays/gpu'), kind, name);
      change(object);
      assert.match(validate(object).join('\n'), message);
    });
  }
});

/** One break a policy, at the least, in the combination named; the policy of that name has to complain. */
const container = (objects, name) =>
  workloads(objects).find(({ metadata }) => metadata.name === name).spec.template.spec
    .containers[0];
const pod = (objects, name) => named(objects, 'Deployment', name).spec.template.spec;
const trigger = (objects, name) => named(objects, 'ScaledObject', name).spec.triggers[0].metadata;
const drop = (objects, kind, name) =>
  objects.splice(objects.indexOf(named(objects, kind, name)), 1);
const configMap = (objects, prefix) =>
  objects.find(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith(`${prefix}-`),
  );
const setCommon = (key, value) => (objects) => {
  configMap(objects, 'avd-common').data[key] = value;
};

const breaks = [
  ['everyService', 'every service is there', (o) => drop(o, 'Deployment', 'avd-vad'), /vad/],
  [
    'a GPU stage without a limit',
    'GPU stages and only they are on GPUs',
    (o) => delete container(o, 'avd-syncnet').resources.limits['nvidia.com/gpu'],
    /syncnet has no GPU limit/,
  ],
  [
    'a GPU stage without affinity',
    'GPU stages and only they are on GPUs',
    (o) => delete pod(o, 'avd-embed').affinity,
    /embed has no affinity/,
  ],
  [
    'a GPU stage without toleration',
    'GPU stages and only they are on GPUs',
    (o) => delete pod(o, 'avd-face-track').tolerations,
    /face-track has no toleration/,
  ],
  [
    'a CPU stage with a GPU',
    'GPU stages and only they are on GPUs',
    (o) => (container(o, 'avd-vad').resources.limits['nvidia.com/gpu'] = '1'),
    /vad has a GPU limit/,
  ],
  [
    'a CPU stage that tolerates GPU nodes',
    'GPU stages and only they are on GPUs',
    (o) => (pod(o, 'avd-cluster').tolerations = [{ key: 'nvidia.com/gpu', operator: 'Exists' }]),
    /cluster has a toleration/,
  ],
  ...[
    ['root', (o) => (pod(o, 'avd-vad').securityContext.runAsUser = 0), /may be root/],
    [
      'an escalation',
      (o) => delete container(o, 'avd-vad').securityContext.allowPrivilegeEscalation,
      /can escalate/,
    ],
    [
      'a writable root',
      (o) => (container(o, 'avd-nats').securityContext.readOnlyRootFilesystem = false),
      /writable root/,
    ],
    [
      'a capability',
      (o) => (container(o, 'avd-jaeger').securityContext.capabilities.add = ['NET_ADMIN']),
      /capabilities/,
    ],
  ].map(([label, change, message]) => [
    label,
    'no container is root, can escalate or writes to its root',
    change,
    message,
  ]),
  ...[
    ['no startup probe', (o) => delete container(o, 'avd-embed').startupProbe, /startupProbe/],
    ['no memory limit', (o) => delete container(o, 'avd-vad').resources.limits, /memory limit/],
    ['no CPU request', (o) => delete container(o, 'avd-nats').resources.requests.cpu, /requests/],
    ['a floating image', (o) => (container(o, 'avd-vad').image = 'avd/vad:latest'), /version/],
  ].map(([label, change, message]) => [
    label,
    'every container has probes, requests and a memory limit',
    change,
    message,
  ]),
  [
    'a port that only the configuration knows',
    'every port a service is told to open is declared',
    setCommon('AVD_GRPC_ADDRESS', '0.0.0.0:50052'),
    /50052/,
  ],
  [
    'a port in no policy',
    'every port is in a network policy and nothing more is open',
    (o) => container(o, 'avd-syncnet').ports.push({ name: 'debug', containerPort: 9229 }),
    /9229 of avd-syncnet is in no policy/,
  ],
  [
    'no way to the broker',
    'every port is in a network policy and nothing more is open',
    (o) => named(o, 'NetworkPolicy', 'avd-stages').spec.egress.pop(),
    /NATS for syncnet/,
  ],
  [
    'an open door',
    'every port is in a network policy and nothing more is open',
    (o) => (named(o, 'NetworkPolicy', 'avd-stages').spec.ingress = [{}]),
    /another namespace/,
  ],
  [
    'no denial',
    'every port is in a network policy and nothing more is open',
    (o) => {
      drop(o, 'NetworkPolicy', 'avd-deny-all');
      drop(o, 'NetworkPolicy', 'avd-nats');
    },
    /avd-nats/,
  ],
  ...[
    ['a stream that is not ours', (o) => (trigger(o, 'avd-syncnet').stream = 'TASKS'), /stream/],
    [
      'a consumer that is not ours',
      (o) => (trigger(o, 'avd-syncnet').consumer = 'avd-sync-net'),
      /unknown consumer/,
    ],
    [
      'the queue of another',
      (o) => (trigger(o, 'avd-syncnet').consumer = 'avd-vad'),
      /another stage/,
    ],
    [
      'a server that is not there',
      (o) => (trigger(o, 'avd-syncnet').natsServerMonitoringEndpoint = 'nats.avd:8222'),
      /not here/,
    ],
    [
      'slots and threshold apart',
      (o) => (configMap(o, 'avd-syncnet').data.AVD_SLOTS = '4'),
      /threshold/,
    ],
    [
      'a GPU stage that never rests',
      (o) => (named(o, 'ScaledObject', 'avd-syncnet').spec.minReplicaCount = 1),
      /to zero/,
    ],
    [
      'a stage that does not scale',
      (o) => drop(o, 'ScaledObject', 'avd-syncnet'),
      /syncnet does not/,
    ],
    [
      'replicas beside a scaler',
      (o) => (named(o, 'Deployment', 'avd-syncnet').spec.replicas = 1),
      /replicas/,
    ],
  ].map(([label, change, message]) => [
    label,
    'every stage scales by its own queue of the topology',
    change,
    message,
  ]),
  [
    'a short grace period',
    'grace periods exceed acknowledgement waits',
    (o) => (pod(o, 'avd-embed').terminationGracePeriodSeconds = 50),
    /embed is killed/,
  ],
  [
    'a long acknowledgement wait',
    'grace periods exceed acknowledgement waits',
    setCommon('AVD_ACK_WAIT_SEC', '100'),
    /acknowledgement/,
  ],
  [
    'a grace that ends before the acknowledgement wait',
    'grace periods exceed acknowledgement waits',
    setCommon('AVD_SHUTDOWN_GRACE_SEC', '10'),
    /stops its tasks before/,
  ],
  [
    'more copies of the streams than servers',
    'the services accept their configuration and find what it names',
    setCommon('AVD_NATS_REPLICAS', '5'),
    /5 copies on 1/,
  ],
  [
    'three servers and one copy',
    'the services accept their configuration and find what it names',
    (o) => (named(o, 'StatefulSet', 'avd-nats').spec.replicas = 3),
    /one of 3 NATS servers/,
  ],
  [
    'a variable that nobody reads',
    'the services accept their configuration and find what it names',
    setCommon('AVD_BLOBSTORE', 'file:///blobs'),
    /AVD_BLOBSTORE is not known/,
  ],
  [
    'a value that is wrong',
    'the services accept their configuration and find what it names',
    setCommon('AVD_ACK_WAIT_SEC', 'soon'),
    /AVD_ACK_WAIT_SEC/,
  ],
  [
    'no blob store',
    'the services accept their configuration and find what it names',
    setCommon('AVD_BLOB_STORE', ''),
    /blob store/,
  ],
  [
    'a broker that is not there',
    'the services accept their configuration and find what it names',
    setCommon('AVD_NATS_URL', 'nats://nats:4222'),
    /NATS/,
  ],
  [
    'a lost claim',
    'whatever is named exists',
    (o) => drop(o, 'PersistentVolumeClaim', 'avd-blobs'),
    /avd-blobs/,
  ],
  [
    'a Service without pods',
    'whatever is named exists',
    (o) => (named(o, 'Service', 'avd-vad').spec.selector = { nobody: 'here' }),
    /avd-vad/,
  ],
];

describe('a policy complains about', needsRenderer, () => {
  for (const [label, policy, change, message] of breaks) {
    it(`${label} (${policy})`, () => {
      const objects = objectsOf('overlays/gpu');
      change(objects);
      assert.match(policies[policy](objects, contextOf('overlays/gpu')).join('\n'), message);
    });
  }

  it('nothing that is never broken', () => {
    const broken = new Set(breaks.map(([, policy]) => policy));
    assert.deepEqual(
      Object.keys(policies).filter((policy) => !broken.has(policy)),
      [],
    );
  });
});

describe('the model of network policies', () => {
  const end = (namespace, podLabels = {}) => ({
    namespaceLabels: { 'kubernetes.io/metadata.name': namespace },
    podLabels,
  });
  const policy = (spec) => [{ spec: { podSelector: {}, policyTypes: ['Ingress'], ...spec } }];

  it('lets everything through where no policy selects the pod', () => {
    assert.equal(allows([], end('x'), end('avd'), 80), true);
    assert.equal(
      allows(policy({ podSelector: { matchLabels: { a: 'b' } } }), end('x'), end('avd'), 80),
      true,
    );
  });
  it('lets nothing through where one does and has no rules', () => {
    assert.equal(allows(policy({}), end('x'), end('avd'), 80), false);
  });
  it('needs port and peer of the same rule', () => {
    const rules = policy({
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'a' } } }], ports: [{ port: 80 }] }],
    });
    assert.equal(allows(rules, end('avd', { app: 'a' }), end('avd'), 80), true);
    assert.equal(allows(rules, end('avd', { app: 'a' }), end('avd'), 81), false);
    assert.equal(allows(rules, end('avd', { app: 'b' }), end('avd'), 80), false);
    assert.equal(allows(rules, end('x', { app: 'a' }), end('avd'), 80), false);
  });
  it('keeps the exceptions of an address block closed', () => {
    const rules = policy({
      policyTypes: ['Egress'],
      egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.0.0/16'] } }] }],
    });
    assert.equal(allows(rules, end('avd'), { ip: '10.0.0.1' }, 443), true);
    assert.equal(allows(rules, end('avd'), { ip: '169.254.169.254' }, 443), false);
  });
});

describe('the stack of deploy/compose', () => {
  const file = path.join(repoDir, 'deploy/compose/compose.yaml');
  const [{ services }] = parseYaml(readFileSync(file, 'utf8'), { merge: true });

  it('has every service, with a configuration that it accepts', () => {
    for (const name of [...STAGES, 'orchestrator']) {
      const { environment, read_only: isReadOnly, user, stop_grace_period: grace } = services[name];
      assert.deepEqual(parseEnvironment(name, environment), [], name);
      assert.deepEqual([isReadOnly, user], [true, '1000:1000'], name);
      assert.ok(Number.parseInt(grace, 10) >= ACK_WAIT_SEC + 30, name);
    }
  });
});

/** Names under which the services' Prometheus page shows the metrics of the registry (measured: no unit is appended). */
function prometheusNames() {
  const [{ metrics }] = parseYaml(
    readFileSync(path.join(repoDir, 'telemetry/metrics.yaml'), 'utf8'),
  );
  return new Set(
    metrics.flatMap(({ name, type }) => {
      const base = name.replaceAll('.', '_');
      if (type === 'histogram') return ['_bucket', '_sum', '_count'].map((end) => base + end);
      return [type === 'counter' ? `${base}_total` : base];
    }),
  );
}

function attributeLabels() {
  const [{ metrics }] = parseYaml(
    readFileSync(path.join(repoDir, 'telemetry/metrics.yaml'), 'utf8'),
  );
  return new Set(
    metrics.flatMap(({ attributes }) => attributes.map((a) => a.replaceAll('.', '_'))),
  );
}

/** Words of a PromQL text that look like ours: metrics and labels alike. */
const ours = (text) => [...text.matchAll(/\b(?:avd|rpc|error)_[a-z_]+/g)].map(([word]) => word);

function unknownWords(text) {
  const known = new Set([...prometheusNames(), ...attributeLabels()]);
  return ours(text).filter((word) => !known.has(word));
}

describe('alerts and dashboard', () => {
  const alertsFile = path.join(repoDir, 'deploy/prometheus/alerts.yaml');
  const rules = parseYaml(readFileSync(alertsFile, 'utf8'))[0].groups.flatMap(
    (group) => group.rules,
  );
  const dashboard = JSON.parse(readFileSync(path.join(repoDir, 'deploy/grafana/avd.json'), 'utf8'));
  const targets = dashboard.panels.flatMap((panel) => panel.targets ?? []);

  it('ask only for metrics and labels of the registry', () => {
    for (const { alert, expr } of rules) assert.deepEqual(unknownWords(expr), [], alert);
    for (const { expr } of targets) {
      assert.ok(ours(expr).length > 0, expr);
      assert.deepEqual(unknownWords(expr), []);
    }
    assert.deepEqual(unknownWords('rate(avd_stage_duration_seconds_sum[5m])'), [
      'avd_stage_duration_seconds_sum',
    ]);
  });

  it('show queue lag, real-time factor, failures, dead letters and the GPU share', () => {
    const text = targets.map(({ expr }) => expr).join('\n');
    for (const metric of [
      'avd_queue_wait',
      'avd_stage_real_time_factor',
      'avd_task_attempts_total',
      'avd_dead_letters_total',
      'avd_execution_provider=~"cuda',
    ])
      assert.ok(text.includes(metric), metric);
  });

  it('are each explained in docs/operations.md', () => {
    const text = readFileSync(path.join(repoDir, 'docs/operations.md'), 'utf8');
    for (const { alert } of rules) assert.ok(text.includes(`\`${alert}\``), alert);
  });

  it('panels do not overlap', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    assert.equal(new Set(cells).size, cells.length);
  });

  const promtool = process.env.AVD_PROMTOOL ?? 'promtool';
  const noPromtool = spawnSync(promtool, ['--version']).status !== 0;
  it('fire when they should', { skip: noPromtool && 'promtool is not here (AVD_PROMTOOL)' }, () => {
    const file = path.join(repoDir, 'deploy/prometheus/alerts.test.yaml');
    const run = spawnSync(promtool, ['test', 'rules', file], { encoding: 'utf8' });
    assert.equal(run.status, 0, run.stdout + run.stderr);
  });
});

describe('the configuration of NATS', () => {
  const server = natsServerPath();
  for (const component of ['nats', 'nats-ha']) {
    it(`of ${component} is accepted by nats-server`, { skip: !server && 'no nats-server' }, (t) => {
      const dir = mkdtempSync(path.join(tmpdir(), 'avd-nats-conf-'));
      t.after(() => rmSync(dir, { recursive: true, force: true }));
      const from = (folder, file) =>
        readFileSync(path.join(k8sDir, 'components', folder, file), 'utf8');
      writeFileSync(path.join(dir, 'nats.conf'), from('nats', 'nats.conf'));
      writeFileSync(path.join(dir, 'cluster.conf'), from(component, 'cluster.conf'));
      const run = spawnSync(server, ['-t', '-c', path.join(dir, 'nats.conf')], {
        encoding: 'utf8',
        env: { ...process.env, POD_NAME: 'avd-nats-0' },
      });
      assert.equal(run.status, 0, run.stdout + run.stderr);
    });
  }
});

describe('the monitor of NATS', () => {
  const binary = natsServerPath();
  it(
    'answers what KEDA asks for every stage',
    { skip: !(binary && renderer) && 'needs nats-server, and kubectl or kustomize' },
    async (t) => {
      const storeDir = mkdtempSync(path.join(tmpdir(), 'avd-keda-'));
      const server = await launchNatsServer({ binary, storeDir, monitorPort: -1 });
      t.after(async () => {
        await server.stop();
        rmSync(storeDir, { recursive: true, force: true });
      });
      const messaging = await connectMessaging({ urls: [server.url], name: 'avd-deploy-test' });
      t.after(() => messaging.close());
      await ensureTopology(messaging);
      const payload = new TextEncoder().encode('{}');
      for (const taskId of ['j/syncnet/0/1', 'j/syncnet/1/1', 'j/syncnet/2/1'])
        await publishTask(messaging, { stage: 'syncnet', job: 'j', taskId, payload });

      // What KEDA's scaler does: GET /jsz?acc=ACCOUNT, find stream and consumer by name, add two numbers.
      const lags = new Map();
      for (const { metadata, spec } of ofKind(objectsOf('overlays/gpu'), 'ScaledObject')) {
        const { account, stream, consumer } = spec.triggers[0].metadata;
        const query = `acc=${encodeURIComponent(account)}&consumers=true&config=true`;
        const answer = await (await fetch(`${server.monitorUrl}/jsz?${query}`)).json();
        const found = answer.account_details
          .find(({ name }) => name === account)
          .stream_detail.find(({ name }) => name === stream)
          .consumer_detail.find(({ name }) => name === consumer);
        lags.set(metadata.name, found.num_pending + found.num_ack_pending);
      }
      assert.deepEqual(
        [...lags].sort(),
        STAGES.map((stage) => [`avd-${stage}`, stage === 'syncnet' ? 3 : 0]).sort(),
      );
    },
  );
});

describe('the probes', needsRenderer, () => {
  it('ask for services of proto/', () => {
    const protoDir = path.join(repoDir, 'proto/avdiarization');
    const text = readdirSync(protoDir, { recursive: true })
      .filter((name) => name.endsWith('.proto'))
      .map((name) => readFileSync(path.join(protoDir, name), 'utf8'));
    const known = text.flatMap((file) => {
      const pkg = /^package ([\w.]+);/m.exec(file)?.[1];
      return [...file.matchAll(/^service (\w+)/gm)].map(([, name]) => `${pkg}.${name}`);
    });
    for (const name of [...STAGES, 'orchestrator']) {
      const { readinessProbe, env } = container(objectsOf('overlays/local'), `avd-${name}`);
      assert.ok(known.includes(readinessProbe.grpc.service), readinessProbe.grpc.service);
      assert.equal(
        env.find((entry) => entry.name === 'HEALTH_SERVICE').value,
        readinessProbe.grpc.service,
      );
    }
  });
});
