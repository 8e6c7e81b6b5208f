import { secToDuration, type stageV1 } from '@avd/contracts';
import { AvdError } from '@avd/domain';
import { int8Models } from '@avd/inference';
import {
  resultKey,
  type BlobRef,
  type BlobStore,
  type MediaInfo,
  type ModelPool,
  type Progress,
  type StageMethod,
} from '@avd/stage-kit';
import { toArtifactRef, type Artifacts } from './artifacts.js';
import { openMediaRef, type MediaNeed, type OpenMediaRefOptions } from './media/open-media-ref.js';

/** What all requests to stages have in common. */
export interface StageRequest {
  readonly context?: Pick<stageV1.CallContext, 'precision'> | undefined;
  readonly media: stageV1.MediaRef | undefined;
  readonly inputs?: { readonly [step: string]: stageV1.ArtifactList };
}

/** What is known of the recording before it is opened, 0 where nothing is known. */
export type RecordingFacts = Pick<MediaInfo, 'video' | 'audio'>;

/** How a method of a stage is called from outside. */
export interface StageCallDefinition<Request extends StageRequest, Spec, Inputs, Output, Summary> {
  readonly method: StageMethod<Spec, Inputs, Output>;
  /** Steps whose results must be among the inputs. */
  required?(request: Request): readonly string[];
  need(request: Request): MediaNeed;
  /**
   * Piece and parameters; what the request leaves open is the whole recording.
   * @throws AvdError invalidInput
   */
  toSpec(request: Request, facts: RecordingFacts): Spec;
  /** What a person wants to see of the output at once. */
  summarize(output: Output): Summary;
}

/** What a call needs of its host. */
export interface CallHost extends Omit<OpenMediaRefOptions, 'signal'> {
  readonly blobs: BlobStore;
  readonly artifacts: Artifacts;
  readonly models: ModelPool;
  /** The preferred execution provider, for the record. */
  readonly provider: string;
}

export interface CallSession {
  readonly signal: AbortSignal;
  readonly report: (progress: Progress) => void;
}

export interface CallResult {
  readonly artifact: stageV1.ArtifactRef;
  readonly execution: stageV1.ExecutionInfo;
  /** Of the output; reads it when the result was there before. */
  readonly summary: () => Promise<object>;
}

/** A method that can be called from outside: over gRPC, and by tasks from a queue. */
export interface StageCall {
  readonly methodName: string;
  readonly version: string;
  /** Steps whose results must be among the inputs. */
  required(request: StageRequest): readonly string[];
  /** Piece and parameters of a request. @throws AvdError invalidInput */
  specOf(request: StageRequest, facts: RecordingFacts): unknown;
  run(request: StageRequest, session: CallSession, host: CallHost): Promise<CallResult>;
}

/** Makes a method callable from outside. A call that was answered before is not computed again. */
export function defineStageCall<
  Request extends StageRequest,
  Spec,
  Inputs,
  Output,
  Summary extends object,
>(definition: StageCallDefinition<Request, Spec, Inputs, Output, Summary>): StageCall {
  const { method } = definition;
  const required = (request: StageRequest): readonly string[] =>
    definition.required?.(request as Request) ?? [];
  return {
    methodName: method.name,
    version: method.version,
    required,
    specOf: (request, facts) => definition.toSpec(request as Request, facts),
    async run(untyped, session, host) {
      const startedMs = performance.now();
      const request = untyped as Request;
      const { signal } = session;
      const mediaRef = request.media ?? missing('media');
      const addresses = await inputAddresses(required(request), request, host, signal);
      const need = definition.need(request);
      await using media = await openMediaRef(mediaRef, need, { ...host, signal });
      const spec = definition.toSpec(request, factsOf(mediaRef, media.info));
      const pool = modelsFor(request, host);
      const models = await Promise.all(
        method.models(spec).map(async (asked) => {
          const { name, sha256, runsOn } = await pool.load(asked);
          return { name, sha256, runsOn };
        }),
      );
      const key = resultKey({
        method: method.name,
        version: method.version,
        models,
        spec,
        media: media.digest,
        inputs: [...addresses],
      });
      const known = await host.blobs.getPointer(key, signal);
      const isKnown = known !== undefined && (await host.blobs.has(known.sha256, signal));
      let output: Output | undefined;
      let ref: BlobRef;
      if (isKnown) ref = known;
      else {
        const inputs = await readInputs(addresses, host, signal);
        output = await method.run(spec, inputs as Inputs, {
          signal,
          media,
          models: pool,
          report: (progress) => session.report(progress),
        });
        signal.throwIfAborted();
        ref = await host.artifacts.write(output, signal);
        await host.blobs.putPointer(key, ref, signal);
      }
      return {
        artifact: toArtifactRef(ref),
        execution: {
          reused: isKnown,
          elapsed: secToDuration((performance.now() - startedMs) / 1000),
          stageVersion: method.version,
          models,
          executionProvider: host.provider,
        },
        summary: async () =>
          definition.summarize(
            output ?? ((await host.artifacts.read(ref.sha256, signal)) as Output),
          ),
      };
    },
  };
}

/** The networks as the call asks for them. Their digests are part of its key, so the precision need not be. */
function modelsFor({ context }: StageRequest, { models }: CallHost): ModelPool {
  const precision = context?.precision ?? '';
  if (precision === '' || precision === 'float32') return models;
  if (precision === 'int8') return int8Models(models);
  throw new AvdError(
    'invalidInput',
    'INVALID_FIELD',
    `The field context.precision must be one of float32, int8, not "${precision}".`,
    { details: { field: 'context.precision' } },
  );
}

async function inputAddresses(
  required: readonly string[],
  { inputs = {} }: StageRequest,
  { artifacts }: CallHost,
  signal: AbortSignal,
): Promise<Map<string, string[]>> {
  for (const step of required) {
    if (inputs[step] === undefined) missing(`inputs["${step}"]`);
  }
  const addresses = new Map<string, string[]>();
  for (const step of Object.keys(inputs).sort()) {
    addresses.set(step, await artifacts.addressesOf(inputs[step]!, signal));
  }
  return addresses;
}

async function readInputs(
  addresses: ReadonlyMap<string, readonly string[]>,
  { artifacts }: CallHost,
  signal: AbortSignal,
): Promise<Record<string, unknown[]>> {
  const inputs: Record<string, unknown[]> = {};
  for (const [step, list] of addresses) {
    inputs[step] = await artifacts.readAll(list, signal);
  }
  return inputs;
}

/** From the request where it knows, as all calls of a job must see the same; else from the opened recording. */
function factsOf(ref: stageV1.MediaRef, opened: MediaInfo): RecordingFacts {
  return ref.sha256 === '' ? opened : recordingFacts(ref);
}

/** What a reference says of its recording. */
export function recordingFacts(ref: stageV1.MediaRef): RecordingFacts {
  const { width, height, frameCount, sampleCount } = ref;
  return {
    ...(frameCount > 0 && { video: { width, height, frameCount } }),
    ...(sampleCount > 0 && { audio: { sampleCount } }),
  };
}

function missing(field: string): never {
  throw new AvdError('invalidInput', 'FIELD_MISSING', `The field ${field} is required.`, {
    details: { field },
  });
}
