import { connect } from '@nats-io/transport-node';
import { headersOf } from '../publish.js';
import { taskSubject } from '../topology.js';

/**
 * Puts every task that anybody publishes into its queue a second time, as a message of its own.
 * @returns how many so far, and the end of it
 */
export async function duplicateTasks(
  url: string,
): Promise<AsyncDisposable & { readonly count: () => number }> {
  const connection = await connect({ servers: url });
  const seen = new Set<string>();
  let copyCount = 0;
  connection.subscribe(taskSubject('*', '*'), {
    callback: (error, message) => {
      const id = message.headers?.get('Nats-Msg-Id') ?? '';
      if (error !== null || id.startsWith('copy/') || seen.has(id)) return;
      seen.add(id);
      copyCount++;
      const headers = headersOf({});
      for (const key of message.headers?.keys() ?? []) headers.set(key, message.headers!.get(key));
      headers.set('Nats-Msg-Id', `copy/${id}`);
      connection.publish(message.subject, message.data, { headers });
    },
  });
  await connection.flush();
  return {
    count: () => copyCount,
    [Symbol.asyncDispose]: () => connection.drain(),
  };
}
