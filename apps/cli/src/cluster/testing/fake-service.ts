/** A service that only says that it is well, for tests of the supervision. FAKE_* variables make it misbehave. */
import { appendFileSync } from 'node:fs';
import { descriptorImage, stageV1 } from '@avd/contracts';
import { startRpcServer } from '@avd/rpc';
import { pause } from '../processes/pause.js';
import { natsProbe } from '../processes/probes.js';

/** How long one that is slow needs to leave. */
const LEAVE_MS = 2000;
const name = process.env['FAKE_NAME'] ?? 'fake';

function note(text: string): void {
  const file = process.env['FAKE_EVENTS'];
  if (file !== undefined) appendFileSync(file, `${name} ${text}\n`);
}

if (process.env['FAKE_BROKEN'] === name) {
  process.stderr.write(`${name}: AVD_NATS_URL is not set.\n`);
  process.exit(2);
}
const server = await startRpcServer({
  address: process.env['AVD_GRPC_ADDRESS'] ?? '127.0.0.1:0',
  services: [{ definition: stageV1.StageInfoServiceService, implementation: {} }],
  descriptorImage: descriptorImage(),
  health: { isServingAtStart: true },
});
process.stdout.write(`${JSON.stringify({ level: 'info', message: 'ready', port: server.port })}\n`);
process.stdout.write(`${JSON.stringify({ level: 'warn', message: 'a warning', jobs: 2 })}\n`);
note('ready');
process.on('SIGTERM', () => {
  if (process.env['FAKE_STUBBORN'] === name) return note('stays');
  void leave();
});

async function leave(): Promise<void> {
  note('asked');
  await server.shutdown(100);
  if (process.env['FAKE_SLOW'] === name) await pause(LEAVE_MS);
  const { hostname, port } = new URL(process.env['AVD_NATS_URL'] ?? 'nats://127.0.0.1:1');
  const nats = await natsProbe(hostname, Number(port))(2000).catch(() => 'gone');
  note(`left, nats ${nats}`);
  process.exit(0);
}
