/**
 * Asks a service of this machine for its health: `node health.mjs` (is the process alive) or `node health.mjs ready` (does
 * the service named by HEALTH_SERVICE serve). Exit code 0 when it does. Plain Node, so that it starts quickly; with TLS
 * where the service has it (AVD_TLS_*), which the kubelet's own gRPC probe cannot.
 */
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';

const SERVING = 1;
const TIMEOUT_MS = 4000;

const { env } = process;
const read = (file) => (file ? readFileSync(file) : undefined);
const port = env.AVD_GRPC_ADDRESS?.split(':').at(-1) ?? '50051';
const secure = Boolean(env.AVD_TLS_CERT_FILE);

/** A gRPC frame: not compressed, length, message. */
function frame(message) {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

/** HealthCheckRequest{service = 1}; names are shorter than 128 bytes. */
function request(service) {
  const name = Buffer.from(service);
  return frame(name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, name.length]), name]));
}

const client = http2.connect(`${secure ? 'https' : 'http'}://127.0.0.1:${port}`, {
  ca: read(env.AVD_TLS_CA_FILE),
  cert: read(env.AVD_TLS_CERT_FILE),
  key: read(env.AVD_TLS_KEY_FILE),
  // The certificate names the service, not this machine; who signed it is still checked.
  checkServerIdentity: () => undefined,
});

function finish(status, text) {
  if (text) process.stderr.write(`${text}\n`);
  process.exit(status);
}

client.on('error', (error) => finish(1, error.message));
setTimeout(() => finish(1, 'no answer'), TIMEOUT_MS);
const call = client.request({
  ':method': 'POST',
  ':path': '/grpc.health.v1.Health/Check',
  'content-type': 'application/grpc',
  te: 'trailers',
});
const chunks = [];
call.on('error', (error) => finish(1, error.message));
call.on('data', (chunk) => chunks.push(chunk));
call.on('end', () => {
  // HealthCheckResponse{status = 1}: 08 and the status, after the 5 bytes of the frame.
  const [tag, status] = Buffer.concat(chunks).subarray(5);
  if (tag === 0x08 && status === SERVING) finish(0);
  finish(1, tag === undefined ? 'no such service' : `not serving (${status})`);
});
call.end(request(process.argv[2] === 'ready' ? (env.HEALTH_SERVICE ?? '') : ''));
