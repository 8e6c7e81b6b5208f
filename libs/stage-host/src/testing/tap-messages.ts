import { once } from 'node:events';
import { connect } from 'node:net';

export interface TappedMessage {
  readonly subject: string;
  /** Without headers. */
  readonly payload: Buffer;
  /** With headers. */
  readonly sizeBytes: number;
}

/** What goes over a NATS server. */
export interface Tap extends Disposable {
  readonly messages: TappedMessage[];
}

/**
 * Hears all messages of some subjects, as they go over the wire: tests look at what is really sent. Not for `>`: the
 * server takes it for interest in the answers to pulls of processes that are gone.
 * @param url e.g. `nats://127.0.0.1:4222`
 * @param subjects e.g. `avd.v1.>`
 */
export async function tapMessages(url: string, ...subjects: readonly string[]): Promise<Tap> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const messages: TappedMessage[] = [];
  let unread = Buffer.alloc(0);
  const pong = new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.on('data', (bytes) => {
      unread = Buffer.concat([unread, bytes]);
      for (;;) {
        const lineEnd = unread.indexOf('\r\n');
        if (lineEnd < 0) return;
        const words = unread.toString('utf8', 0, lineEnd).split(' ');
        const bodyAt = lineEnd + 2;
        if (words[0] === 'PING') socket.write('PONG\r\n');
        if (words[0] === 'PONG') resolve();
        if (words[0] !== 'MSG' && words[0] !== 'HMSG') {
          unread = unread.subarray(bodyAt);
          continue;
        }
        const sizeBytes = Number(words.at(-1));
        const headerBytes = words[0] === 'HMSG' ? Number(words.at(-2)) : 0;
        if (unread.length < bodyAt + sizeBytes + 2) return;
        const payload = Buffer.from(unread.subarray(bodyAt + headerBytes, bodyAt + sizeBytes));
        messages.push({ subject: words[1]!, payload, sizeBytes });
        unread = unread.subarray(bodyAt + sizeBytes + 2);
      }
    });
  });
  await once(socket, 'connect');
  const subscriptions = subjects
    .map((subject, index) => `SUB ${subject} ${index + 1}\r\n`)
    .join('');
  socket.write(`CONNECT {"verbose":false,"headers":true}\r\n${subscriptions}PING\r\n`);
  await pong;
  return { messages, [Symbol.dispose]: () => socket.destroy() };
}
