import { hostname } from 'node:os';
import type { CommonSettings } from '@avd/config';
import { connectMessaging, ensureTopology, natsBlobStore, type Messaging } from '@avd/messaging';
import type { BlobStore } from '@avd/stage-kit';
import { openBlobStore, tracedBlobStore, withOutageTolerance } from '@avd/storage';
import { createLogger, startTelemetry, type Logger } from '@avd/telemetry';

/** What every service of the system stands on. Disposing closes it in the right order. */
export interface Platform extends AsyncDisposable {
  /** Unique among the processes that run now: `<host>-<pid>`. */
  readonly workerName: string;
  readonly logger: Logger;
  readonly messaging: Messaging;
  readonly blobs: BlobStore;
}

/** @param serviceName e.g. `avd-syncnet` @throws AvdError when NATS or the blob store cannot be reached */
export async function openPlatform(
  serviceName: string,
  serviceVersion: string,
  settings: CommonSettings,
): Promise<Platform> {
  const workerName = `${hostname()}-${process.pid}`;
  const logger = createLogger({ service: serviceName, level: settings.logLevel });
  const telemetry = await startTelemetry({
    ...{ serviceName, serviceVersion, instanceId: workerName, logger },
  });
  const messaging = await connectMessaging({
    urls: settings.natsUrl.split(','),
    name: `${serviceName}-${workerName}`,
    logger,
    ...(settings.natsCredsFile !== undefined && {
      credentials: { credsFile: settings.natsCredsFile },
    }),
  });
  await ensureTopology(messaging, {
    replicas: settings.natsReplicas,
    ackWaitSec: settings.ackWaitSec,
    maxAttempts: settings.maxAttempts,
  });
  const store = await openBlobStore(settings.blobStore, {
    factories: { 'nats-obj': (url) => natsBlobStore(messaging, url.hostname) },
  });
  const blobs = tracedBlobStore(
    withOutageTolerance(store, {
      onRetry: (error) => logger.warn('the blob store is away', { reason: error.reason }),
    }),
  );
  return {
    ...{ workerName, logger, messaging, blobs },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await messaging.close();
      await telemetry[Symbol.asyncDispose]();
    },
  };
}
