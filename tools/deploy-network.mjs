/** What Kubernetes NetworkPolicies let through, worked out from the objects. All pods are taken to be in one namespace. */

function matches(selector, labels) {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      if (operator === 'In') return values.includes(labels[key]);
      if (operator === 'NotIn') return !values.includes(labels[key]);
      return (operator === 'Exists') === key in labels;
    })
  );
}

const toNumber = (ip) => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

function contains(cidr, ip) {
  const [base, bits] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  return Math.floor(toNumber(base) / size) === Math.floor(toNumber(ip) / size);
}

const HOME = 'avd';

function isPeer(rule, end) {
  if (rule.ipBlock) {
    const { cidr, except = [] } = rule.ipBlock;
    return (
      Boolean(end.ip) && contains(cidr, end.ip) && !except.some((part) => contains(part, end.ip))
    );
  }
  if (end.ip) return false;
  const namespace = rule.namespaceSelector
    ? matches(rule.namespaceSelector, end.namespaceLabels)
    : end.namespaceLabels['kubernetes.io/metadata.name'] === HOME;
  return namespace && (!rule.podSelector || matches(rule.podSelector, end.podLabels));
}

/** One direction at one end: closed when a policy selects the pod and no rule of any lets the other end through. */
function passes(policies, pod, other, port, direction, list, side, anyone) {
  if (pod.ip || pod.namespaceLabels['kubernetes.io/metadata.name'] !== HOME) return true;
  const selecting = policies.filter(
    ({ spec }) => spec.policyTypes.includes(direction) && matches(spec.podSelector, pod.podLabels),
  );
  // With `anyone`, a policy that does not select the pod opens nothing.
  if (selecting.length === 0) return !anyone;
  return selecting.some(({ spec }) =>
    (spec[list] ?? []).some(
      (rule) =>
        (!rule.ports || rule.ports.some((entry) => entry.port === port)) &&
        (anyone || !rule[side] || rule[side].some((peer) => isPeer(peer, other))),
    ),
  );
}

/**
 * Whether a connection gets through both its ends.
 * @param from,to `{ podLabels, namespaceLabels }` or `{ ip }`
 * @param anyone only ask whether the port of `to` is opened to anyone at all
 */
export function allows(policies, from, to, port, anyone = false) {
  const arrives = passes(policies, to, from, port, 'Ingress', 'ingress', 'from', anyone);
  if (anyone) return arrives;
  return arrives && passes(policies, from, to, port, 'Egress', 'egress', 'to', false);
}
