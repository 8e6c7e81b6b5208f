import { natsOf } from './connection.js';
import type { Messaging } from './connection.js';
import { checkToken } from './publish.js';
import { progressSubject } from './topology.js';

/** Tells whoever listens now; lost while NATS is away. Never throws for that. */
export function publishProgress(messaging: Messaging, job: string, payload: Uint8Array): void {
  const nats = natsOf(messaging);
  const subject = progressSubject(checkToken('job id', job));
  if (nats.status === 'connected' && nats.isOpen) nats.nc.publish(subject, payload);
}

/**
 * Hears the progress of a job from now on, also after a restart of NATS; messages may be missing.
 * @param job a job id, or `*` for all jobs
 * @returns a function that ends it
 */
export function subscribeProgress(
  messaging: Messaging,
  job: string,
  handler: (payload: Uint8Array, job: string) => void,
): () => void {
  const nats = natsOf(messaging);
  const subscription = nats.nc.subscribe(
    progressSubject(job === '*' ? job : checkToken('job id', job)),
    {
      callback: (error, message) => {
        if (error !== null) return;
        handler(message.data, message.subject.slice(progressSubject('').length));
      },
    },
  );
  return () => {
    if (!subscription.isClosed() && nats.isOpen) subscription.unsubscribe();
  };
}
