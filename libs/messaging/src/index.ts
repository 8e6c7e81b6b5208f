export * from './topology.js';
export { ensureTopology } from './ensure-topology.js';
export { connectMessaging } from './connection.js';
export type {
  Messaging,
  MessagingLogger,
  MessagingOptions,
  MessagingStatus,
  NatsCredentials,
} from './connection.js';
export { isConflict } from './nats-errors.js';
export { taskRetryDelayMs } from './delays.js';
export type { Published } from './publish.js';
export { broadcastCancel, publishTask, purgeJobTasks, queueState } from './tasks.js';
export type { QueueState, TaskToPublish } from './tasks.js';
export { isJobCancelled, workTasks } from './task-worker.js';
export type { Task, TaskWorker, WorkTasksOptions } from './task-worker.js';
export { watchExhausted } from './exhausted-tasks.js';
export type { ExhaustedTask, WatchExhaustedOptions } from './exhausted-tasks.js';
export { consumeEvents, publishEvent } from './events.js';
export type { ConsumeEventsOptions, EventToPublish, StageEvent } from './events.js';
export { publishProgress, subscribeProgress } from './progress.js';
export type { Versioned, WatchOptions } from './bucket.js';
export { chunkStore, jobStore, requestStore, uploadStore } from './stores.js';
export type { ChunkStore, JobStore, RequestStore, StoredChunk } from './stores.js';
export { natsBlobStore } from './nats-blob-store.js';
export { launchNatsServer, natsServerPath } from './nats-server.js';
export type { LaunchNatsServerOptions, NatsServer } from './nats-server.js';
