import { context, metrics, propagation, trace } from '@opentelemetry/api';
import {
  defaultResource,
  envDetector,
  hostDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { NodeSDK, type NodeSDKConfiguration } from '@opentelemetry/sdk-node';
import { setTraceSampling } from '../forced-span.js';
import type { Env } from '../telemetry-env.js';
import { jobIdGenerator } from './job-ids.js';
import { jobSampler, samplerFromEnv, samplesTrace } from './job-sampler.js';

export interface ServiceIdentity {
  readonly serviceName: string;
  readonly serviceVersion: string;
  readonly instanceId?: string;
}

/**
 * Registers the SDK for the whole process.
 *
 * @param parts span processors and metric readers; what is left out comes from process.env
 * @returns ends it: sends what is left and puts the API back to doing nothing
 */
export function startSdk(
  { serviceName, serviceVersion, instanceId }: ServiceIdentity,
  env: Env,
  parts: Pick<Partial<NodeSDKConfiguration>, 'spanProcessors' | 'metricReaders'>,
): () => Promise<void> {
  const sampler = samplerFromEnv(env);
  const sdk = new NodeSDK({
    ...parts,
    resource: defaultResource().merge(
      resourceFromAttributes({
        'service.name': serviceName,
        'service.namespace': 'avdiarization',
        'service.version': serviceVersion,
        ...(instanceId !== undefined && { 'service.instance.id': instanceId }),
      }),
    ),
    // Not the process detector: the command line of a process can name a recording.
    resourceDetectors: [hostDetector, envDetector],
    idGenerator: jobIdGenerator(),
    sampler: jobSampler(sampler),
    logRecordProcessors: [],
  });
  sdk.start();
  setTraceSampling((traceId) => samplesTrace(sampler, traceId));
  return async () => {
    try {
      await sdk.shutdown();
    } finally {
      for (const api of [trace, metrics, propagation, context]) api.disable();
      setTraceSampling(() => true);
    }
  };
}
