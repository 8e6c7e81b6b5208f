/**
 * What has to hold of every rendered combination of deploy/k8s, beyond its schema. Each policy takes the objects of one
 * combination and gives its complaints as sentences; deploy.test.mjs breaks each of them once to see that it can fail.
 */
import { allows } from './deploy-network.mjs';

export const STAGES = ['face-track', 'syncnet', 'vad', 'embed', 'cluster'];
const GPU_STAGES = ['face-track', 'syncnet', 'embed'];
const SERVICES = [...STAGES, 'orchestrator'];
const GPU = 'nvidia.com/gpu';

export const ofKind = (objects, kind) => objects.filter((object) => object.kind === kind);
export const named = (objects, kind, name) =>
  objects.find((object) => object.kind === kind && object.metadata.name === name);

/** Deployments and StatefulSets. */
export function workloads(objects) {
  return objects.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');
}

const podOf = (workload) => workload.spec.template.spec;
const labelsOf = (workload) => workload.spec.template.metadata.labels;
const allContainers = (workload) => [
  ...(podOf(workload).initContainers ?? []),
  ...podOf(workload).containers,
];

/** Environment of the first container, from its ConfigMaps and its own list, as the kubelet joins them. */
export function environmentOf(objects, workload) {
  const { envFrom = [], env = [] } = podOf(workload).containers[0];
  const maps = envFrom.flatMap(({ configMapRef }) =>
    configMapRef ? [named(objects, 'ConfigMap', configMapRef.name)?.data ?? {}] : [],
  );
  const own = Object.fromEntries(env.map(({ name, value = '' }) => [name, value]));
  return Object.assign({}, ...maps, own);
}

const services = (objects) =>
  SERVICES.map((name) => [name, named(objects, 'Deployment', `avd-${name}`)]).filter(
    ([, deployment]) => deployment,
  );

function* complaintsEach(items, find) {
  for (const item of items) yield* find(item);
}

function everyService(objects) {
  return SERVICES.filter((name) => !named(objects, 'Deployment', `avd-${name}`)).map(
    (name) => `${name} has no Deployment`,
  );
}

function gpuPlacement(objects, { components }) {
  return [
    ...complaintsEach(workloads(objects), function* (workload) {
      const { name } = workload.metadata;
      const pod = podOf(workload);
      const wanted =
        components.includes('gpu') && GPU_STAGES.some((stage) => name === `avd-${stage}`);
      const terms =
        pod.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
          ?.nodeSelectorTerms ?? [];
      const traits = {
        'GPU limit': pod.containers.some(({ resources }) => GPU in (resources.limits ?? {})),
        'affinity to GPU nodes':
          terms.length > 0 &&
          terms.every(({ matchExpressions = [] }) =>
            matchExpressions.some(({ key }) => key.startsWith('nvidia.com/')),
          ),
        'toleration of GPU nodes': (pod.tolerations ?? []).some(({ key }) => key === GPU),
        'CUDA image': pod.containers.some(({ image }) => image.includes('-cuda:')),
        'CUDA provider': (
          environmentOf(objects, workload).AVD_EXECUTION_PROVIDERS ?? ''
        ).startsWith('cuda'),
      };
      for (const [trait, has] of Object.entries(traits)) {
        if (has !== wanted) yield `${name} has ${has ? 'a' : 'no'} ${trait}`;
      }
    }),
  ];
}

function containerSecurity(objects) {
  return [
    ...complaintsEach(workloads(objects), function* (workload) {
      const { name } = workload.metadata;
      const pod = podOf(workload);
      if (pod.automountServiceAccountToken !== false) yield `${name} mounts an API token`;
      if (pod.hostNetwork || pod.hostPID || pod.hostIPC)
        yield `${name} shares the host's namespaces`;
      if ((pod.volumes ?? []).some(({ hostPath }) => hostPath)) yield `${name} mounts the host`;
      for (const container of allContainers(workload)) {
        const context = { ...pod.securityContext, ...container.securityContext };
        const label = `${name}/${container.name}`;
        if (context.runAsNonRoot !== true || !(context.runAsUser > 0)) yield `${label} may be root`;
        if (context.allowPrivilegeEscalation !== false || context.privileged)
          yield `${label} can escalate`;
        if (context.readOnlyRootFilesystem !== true) yield `${label} has a writable root`;
        if (!context.capabilities?.drop?.includes('ALL') || context.capabilities.add)
          yield `${label} keeps capabilities`;
        if (context.seccompProfile?.type !== 'RuntimeDefault')
          yield `${label} has no seccomp profile`;
      }
    }),
  ];
}

function probesAndResources(objects) {
  return [
    ...complaintsEach(workloads(objects), function* (workload) {
      for (const container of allContainers(workload)) {
        const label = `${workload.metadata.name}/${container.name}`;
        const { requests = {}, limits = {} } = container.resources ?? {};
        if (!requests.cpu || !requests.memory) yield `${label} has no requests`;
        if (!limits.memory) yield `${label} has no memory limit`;
        if (limits.memory !== requests.memory)
          yield `${label} may be evicted: memory limit over request`;
        if (limits.cpu) yield `${label} is throttled by a CPU limit`;
        if (!/[^:]+:[^:]+$|@sha256:/.test(container.image) || container.image.endsWith(':latest'))
          yield `${label} has no fixed version of its image`;
      }
      for (const container of podOf(workload).containers) {
        for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
          const { grpc, exec, httpGet } = container[probe] ?? {};
          if ([grpc, exec, httpGet].filter(Boolean).length !== 1)
            yield `${workload.metadata.name}/${container.name} has no ${probe}`;
        }
      }
    }),
  ];
}

/** The ports which the configuration makes a service listen on. */
function configuredPorts(environment) {
  return ['AVD_GRPC_ADDRESS', 'AVD_HTTP_ADDRESS']
    .flatMap((key) => (environment[key] ? [Number(environment[key].split(':').at(-1))] : []))
    .concat(
      environment.OTEL_METRICS_EXPORTER === 'prometheus'
        ? [Number(environment.OTEL_EXPORTER_PROMETHEUS_PORT)]
        : [],
    );
}

const containerPorts = (workload) =>
  podOf(workload).containers.flatMap(({ ports = [] }) =>
    ports.map(({ containerPort }) => containerPort),
  );

function declaredPorts(objects) {
  return services(objects).flatMap(([name, deployment]) => {
    const declared = containerPorts(deployment);
    return configuredPorts(environmentOf(objects, deployment))
      .filter((port) => !declared.includes(port))
      .map((port) => `${name} listens on ${port}, which no containerPort says`);
  });
}

const inNamespace = (name, labels = {}) => ({
  namespaceLabels: { 'kubernetes.io/metadata.name': name, ...labels },
  podLabels: {},
});

function networkPolicies(objects, { components }) {
  if (!components.includes('network-policies')) return [];
  const policies = ofKind(objects, 'NetworkPolicy');
  const peer = (workload) => ({ ...inNamespace('avd'), podLabels: labelsOf(workload) });
  const find = (name) => workloads(objects).find(({ metadata }) => metadata.name === `avd-${name}`);
  const complaints = [];
  const check = (from, to, port, wanted, label) => {
    if (allows(policies, from, to, port) !== wanted)
      complaints.push(`${label} on port ${port} is ${wanted ? 'closed' : 'open'}`);
  };
  const stranger = inNamespace('elsewhere');
  const client = inNamespace('web', { 'avd.client': 'true' });

  for (const workload of workloads(objects)) {
    const { name } = workload.metadata;
    const pod = peer(workload);
    for (const port of containerPorts(workload)) {
      const opened = policies.some(
        ({ spec }) =>
          spec.ingress?.some(({ ports = [] }) => ports.some((entry) => entry.port === port)) &&
          allows([{ spec: { ...spec, policyTypes: ['Ingress'] } }], null, pod, port, true),
      );
      if (!opened) complaints.push(`port ${port} of ${name} is in no policy`);
      if (port !== 13133) check(stranger, pod, port, false, `${name} from another namespace`);
    }
    check(pod, inNamespace('kube-system'), 53, true, `DNS for ${name}`);
    check(pod, stranger, 80, false, `the outside from ${name}`);
  }

  const nats = find('nats');
  const orchestrator = find('orchestrator');
  const web = components.includes('network-policies-s3');
  for (const [name, deployment] of services(objects)) {
    const pod = peer(deployment);
    if (nats) check(pod, peer(nats), 4222, true, `NATS for ${name}`);
    if (find('collector'))
      check(pod, peer(find('collector')), 4317, true, `the collector for ${name}`);
    check(inNamespace('monitoring'), pod, 9464, true, `metrics of ${name}`);
    check(client, pod, 50051, true, `gRPC of ${name} for clients`);
    check(pod, { ip: '52.1.2.3' }, 443, web, `https out of ${name}`);
    check(pod, { ip: '169.254.169.254' }, 443, false, `the cloud's metadata from ${name}`);
    if (name === 'orchestrator') continue;
    check(peer(orchestrator), pod, 50051, true, `${name} for the orchestrator`);
    check(peer(find('vad')), pod, 50051, false, `${name} for another stage`);
  }
  check(client, peer(orchestrator), 8080, true, 'report pages for clients');
  if (nats) {
    check(inNamespace('keda'), peer(nats), 8222, true, 'the monitor of NATS for KEDA');
    check(peer(nats), peer(nats), 6222, true, 'NATS to NATS');
    check(client, peer(nats), 4222, false, 'NATS for clients');
  }
  if (find('jaeger')) {
    check(peer(find('collector')), peer(find('jaeger')), 4317, true, 'Jaeger for the collector');
    check(client, peer(find('jaeger')), 16686, true, 'the page of Jaeger for clients');
  }
  return complaints;
}

function scaling(objects, { components, topology }) {
  const complaints = [];
  const scaled = ofKind(objects, 'ScaledObject');
  const scalers = [...scaled, ...ofKind(objects, 'HorizontalPodAutoscaler')];
  const targets = scalers.map(({ spec }) => spec.scaleTargetRef.name);
  for (const target of targets) {
    const deployment = named(objects, 'Deployment', target);
    if (!deployment) complaints.push(`a scaler has no Deployment ${target}`);
    else if (deployment.spec.replicas !== undefined)
      complaints.push(`${target} has replicas and a scaler`);
    if (targets.filter((other) => other === target).length > 1)
      complaints.push(`${target} has two scalers`);
  }
  if (components.includes('keda') || components.includes('hpa')) {
    for (const stage of STAGES)
      if (!targets.includes(`avd-${stage}`)) complaints.push(`${stage} does not scale`);
  }
  for (const { metadata, spec } of scaled) {
    const stage = spec.scaleTargetRef.name.replace(/^avd-/, '');
    const deployment = named(objects, 'Deployment', spec.scaleTargetRef.name);
    const [{ type, metadata: trigger }] = spec.triggers;
    if (type !== 'nats-jetstream') complaints.push(`${metadata.name} does not watch JetStream`);
    if (trigger.stream !== topology.stream)
      complaints.push(`${metadata.name} watches the unknown stream ${trigger.stream}`);
    if (!topology.consumers.includes(trigger.consumer))
      complaints.push(`${metadata.name} watches the unknown consumer ${trigger.consumer}`);
    if (trigger.consumer !== topology.consumerOf(stage))
      complaints.push(`${metadata.name} watches the queue of another stage, ${trigger.consumer}`);
    const [host, port] = trigger.natsServerMonitoringEndpoint.split(':');
    const service = named(objects, 'Service', host.split('.')[0]);
    const inside = `${service?.metadata.name}.${service?.metadata.namespace}.svc.cluster.local`;
    if (host !== inside || !service.spec.ports.some((entry) => entry.port === Number(port)))
      complaints.push(`${metadata.name} asks ${host}:${port}, which is not here`);
    const slots = deployment && Number(environmentOf(objects, deployment).AVD_SLOTS);
    if (Number(trigger.lagThreshold) !== 2 * slots)
      complaints.push(`${metadata.name} has not two tasks a slot as its threshold`);
    const zero = GPU_STAGES.includes(stage);
    if ((spec.minReplicaCount === 0) !== zero)
      complaints.push(`${metadata.name} ${zero ? 'never goes' : 'goes'} to zero`);
    if (spec.maxReplicaCount * slots > topology.maxAckPending)
      complaints.push(`${metadata.name} has more slots than the consumer hands out tasks`);
  }
  return complaints;
}

function gracePeriods(objects, { topology }) {
  return services(objects).flatMap(([name, deployment]) => {
    const environment = environmentOf(objects, deployment);
    const pod = podOf(deployment);
    const graceSec = pod.terminationGracePeriodSeconds ?? 30;
    const preStopSec = pod.containers[0].lifecycle?.preStop?.sleep?.seconds ?? 0;
    const ackWaitSec = Number(environment.AVD_ACK_WAIT_SEC ?? topology.ackWaitSec);
    const shutdownSec = Number(environment.AVD_SHUTDOWN_GRACE_SEC);
    return [
      ...(graceSec < ackWaitSec + 30 + preStopSec
        ? [
            `${name} is killed after ${graceSec} s, too soon after ${ackWaitSec} s of acknowledgement wait`,
          ]
        : []),
      ...(graceSec <= shutdownSec + preStopSec
        ? [`${name} is killed before its own ${shutdownSec} s of grace are over`]
        : []),
      ...(shutdownSec >= ackWaitSec
        ? []
        : [`${name} stops its tasks before the ${ackWaitSec} s of acknowledgement wait are over`]),
    ];
  });
}

function configuration(objects, { parseEnvironment }) {
  return services(objects).flatMap(([name, deployment]) => {
    const environment = environmentOf(objects, deployment);
    const nats = environment.AVD_NATS_URL?.match(/^nats:\/\/([^:.]+)([^:]*):(\d+)$/);
    const here = nats && nats[2] === '' ? named(objects, 'Service', nats[1]) : true;
    const servers = (nats && named(objects, 'StatefulSet', nats[1])?.spec.replicas) ?? Infinity;
    const copies = Number(environment.AVD_NATS_REPLICAS ?? 1);
    const { cpu } = podOf(deployment).containers[0].resources.requests;
    const cores = cpu.endsWith('m') ? Number(cpu.slice(0, -1)) / 1000 : Number(cpu);
    return [
      ...parseEnvironment(name, environment).map((problem) => `${name}: ${problem}`),
      ...(nats && here ? [] : [`${name} has no NATS at ${environment.AVD_NATS_URL}`]),
      ...(copies > servers ? [`${name} wants ${copies} copies on ${servers} NATS servers`] : []),
      ...(copies === 1 && servers > 1 && servers !== Infinity
        ? [`${name} keeps its streams on one of ${servers} NATS servers`]
        : []),
      ...(environment.AVD_BLOB_STORE ? [] : [`${name} has no blob store`]),
      ...(cores > Number(environment.AVD_THREADS ?? 1)
        ? [`${name} asks for more CPU (${cpu}) than it has threads`]
        : []),
    ];
  });
}

function references(objects) {
  const complaints = [];
  // Made by the site, as the components say.
  const bySite = ['avd-media', 'avd-tls', 'avd-s3', 'avd-nats-credentials'];
  const need = (kind, name, from) => {
    if (!bySite.includes(name) && !named(objects, kind, name))
      complaints.push(`${from} names the ${kind} ${name}, which is not here`);
  };
  for (const workload of workloads(objects)) {
    const { name } = workload.metadata;
    const pod = podOf(workload);
    if (pod.serviceAccountName) need('ServiceAccount', pod.serviceAccountName, name);
    for (const { configMapRef } of allContainers(workload).flatMap(({ envFrom = [] }) => envFrom))
      if (configMapRef) need('ConfigMap', configMapRef.name, name);
    for (const { configMap, persistentVolumeClaim, secret } of pod.volumes ?? []) {
      if (configMap) need('ConfigMap', configMap.name, name);
      if (persistentVolumeClaim)
        need('PersistentVolumeClaim', persistentVolumeClaim.claimName, name);
      if (secret) need('Secret', secret.secretName, name);
    }
    const volumes = [...(pod.volumes ?? []), ...(workload.spec.volumeClaimTemplates ?? [])].map(
      (volume) => volume.name ?? volume.metadata.name,
    );
    for (const mount of allContainers(workload).flatMap(({ volumeMounts = [] }) => volumeMounts))
      if (!volumes.includes(mount.name)) complaints.push(`${name} mounts no volume ${mount.name}`);
  }
  const selected = (selector) =>
    workloads(objects).filter((workload) =>
      Object.entries(selector).every(([key, value]) => labelsOf(workload)[key] === value),
    );
  for (const { metadata, spec } of ofKind(objects, 'Service')) {
    const [workload] = selected(spec.selector);
    const ports = workload
      ? podOf(workload).containers.flatMap(({ ports: list = [] }) => list)
      : [];
    for (const { targetPort } of spec.ports)
      if (!ports.some((port) => port.name === targetPort))
        complaints.push(`Service ${metadata.name} sends to no port ${targetPort}`);
  }
  for (const { metadata, spec } of ofKind(objects, 'PodDisruptionBudget'))
    if (selected(spec.selector.matchLabels).length !== 1)
      complaints.push(`PodDisruptionBudget ${metadata.name} is of no workload`);
  for (const [name] of services(objects)) need('PodDisruptionBudget', `avd-${name}`, name);
  return complaints;
}

export const policies = {
  'every service is there': everyService,
  'GPU stages and only they are on GPUs': gpuPlacement,
  'no container is root, can escalate or writes to its root': containerSecurity,
  'every container has probes, requests and a memory limit': probesAndResources,
  'every port a service is told to open is declared': declaredPorts,
  'every port is in a network policy and nothing more is open': networkPolicies,
  'every stage scales by its own queue of the topology': scaling,
  'grace periods exceed acknowledgement waits': gracePeriods,
  'the services accept their configuration and find what it names': configuration,
  'whatever is named exists': references,
};
