import type { RunningSystem } from './system-types.js';

/** What a program needs to know about a system that is ready; `pids` by service, so that faults can be tried. */
export function systemFacts(system: RunningSystem): Record<string, unknown> {
  const { server, httpUrl, natsUrl, dataDir, processes } = system;
  const services = [...new Set(processes.map(({ service }) => service))];
  const pidsOf = (service: string): (number | undefined)[] =>
    processes.filter((each) => each.service === service).map(({ pid }) => pid);
  return {
    ...{ type: 'ready', server, http: httpUrl, nats: natsUrl, dataDir },
    pids: Object.fromEntries(services.map((service) => [service, pidsOf(service)])),
    processes: processes.map(({ name, service, pid, address, logPath }) => ({
      ...{ name, service, pid, address, log: logPath },
    })),
  };
}

/** The same for a person, with what to try first. */
export function systemTable(system: RunningSystem): string {
  const { server, httpUrl, natsUrl, dataDir, processes } = system;
  const rows = processes.map(({ name, address, pid }) => [name, address, String(pid ?? '')]);
  const isOwnNats = processes.some(({ service }) => service === 'nats');
  const all = [
    ['process', 'address', 'pid'],
    ...(isOwnNats ? [] : [['nats', natsUrl, '']]),
    ...rows,
  ];
  const widths = [0, 1].map((column) => Math.max(...all.map((row) => row[column]!.length)));
  const table = all.map((row) =>
    `${row[0]!.padEnd(widths[0]!)}  ${row[1]!.padEnd(widths[1]!)}  ${row[2]!}`.trimEnd(),
  );
  const option = server === '127.0.0.1:50051' ? '' : ` --server ${server}`;
  return `${table.join('\n')}

Jobs   ${httpUrl}/jobs
Data   ${dataDir} (logs in ${dataDir}/logs)
Try    avd submit sample/sample.mp4${option}
       grpcurl -plaintext ${server} list
       grpcurl -plaintext -d '{}' ${server} avdiarization.v1.DiarizationService/ListDiarizationJobs

Ctrl-C stops everything; jobs that are not done go on at the next start.
`;
}
