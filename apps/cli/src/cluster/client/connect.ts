import { diarizationV1 } from '@avd/contracts';
import { AvdError } from '@avd/domain';
import { createRpcClient, type RpcClient } from '@avd/rpc';
import type { ServerChoice } from './server-options.js';

export type JobClient = RpcClient<typeof diarizationV1.DiarizationServiceService>;
export type MediaClient = RpcClient<typeof diarizationV1.MediaServiceService>;

/** Both services of a server. */
export interface ServerConnection extends AsyncDisposable {
  readonly jobs: JobClient;
  readonly media: MediaClient;
}

/** Limit of a call that returns at once. */
export const CALL_LIMIT_SEC = 30;
/** A page of a thousand jobs with long labels. */
const MAX_RECEIVE_BYTES = 64 * 1024 * 1024;

/** Connects with the first call. */
export async function connect({ address, tls }: ServerChoice): Promise<ServerConnection> {
  const options = { maxReceiveBytes: MAX_RECEIVE_BYTES, ...(tls !== undefined && { tls }) };
  const jobs = await createRpcClient(diarizationV1.DiarizationServiceClient, address, options);
  const media = await createRpcClient(diarizationV1.MediaServiceClient, address, options);
  return {
    ...{ jobs, media },
    async [Symbol.asyncDispose]() {
      jobs.close();
      media.close();
    },
  };
}

const RETRY_DELAYS_MS = [200, 500, 1000, 2000];

/** Repeats a call that is safe to repeat when the connection breaks during it; where nobody listens, it fails at once. */
export async function retrying<T>(
  call: () => Promise<T>,
  wait: (delayMs: number) => Promise<void>,
): Promise<T> {
  for (const delayMs of RETRY_DELAYS_MS) {
    try {
      return await call();
    } catch (error) {
      const { kind, reason } = AvdError.from(error);
      if (kind !== 'unavailable' || reason === 'SERVER_UNAVAILABLE') throw error;
      await wait(delayMs);
    }
  }
  return call();
}
