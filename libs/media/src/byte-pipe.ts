import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Bytes that come in pieces. A piece is valid only during the call that hands it over. */
export interface ByteSource {
  /**
   * @param onBytes takes a piece; false: no more for now, the piece stays valid until `resume`
   * @param onEnd nothing will come any more
   */
  start(onBytes: (bytes: Uint8Array) => boolean, onEnd: () => void): void;
  resume(): void;
  destroy(): void;
}

export interface BytePipe {
  /** To be given to a child process as its stdout, then destroyed here. */
  readonly writeEnd: net.Socket;
  readonly source: ByteSource;
}

const BUFFER_BYTES = 1 << 20;

/**
 * A pipe whose bytes always arrive in one and the same buffer. The ordinary pipe of a child process makes a new 64 KiB
 * buffer for every piece: at 200 MB of pictures a second, collecting these costs more than reading them.
 */
export async function openBytePipe(): Promise<BytePipe> {
  const address = path.join(tmpdir(), `avd-${randomUUID()}.sock`);
  const server = net.createServer({ pauseOnConnect: true });
  server.listen(address);
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[net.Socket]>;
  const source = connect(address);
  const [writeEnd] = await accepted;
  server.close(); // also removes the socket file
  return { writeEnd, source };
}

function connect(address: string): ByteSource {
  let take: ((bytes: Uint8Array) => boolean) | undefined;
  let finish: (() => void) | undefined;
  let hasEnded = false;
  const socket = net.connect({
    path: address,
    onread: {
      buffer: Buffer.allocUnsafeSlow(BUFFER_BYTES),
      callback: (count, buffer) => take?.(buffer.subarray(0, count)) ?? false,
    },
  });
  const end = (): void => {
    hasEnded = true;
    finish?.();
  };
  socket.once('close', end);
  socket.once('error', end);
  return {
    start(onBytes, onEnd) {
      take = onBytes;
      finish = onEnd;
      if (hasEnded) onEnd();
    },
    resume: () => void socket.resume(),
    destroy: () => void socket.destroy(),
  };
}
