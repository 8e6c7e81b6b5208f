import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor as OrtTensor, env } from 'onnxruntime-node';
import type { Tensor } from '@avd/stage-kit';
import { isBatchable } from './batch.js';
import type { ValueShape } from './batch.js';
import { CLOSE } from './messages.js';
import type { TensorMap, WorkerReply, WorkerRequest, WorkerSettings } from './messages.js';
import { enterNative, leaveNative } from './native-guard.js';

/**
 * Entry of the worker threads: owns the sessions of one thread and runs one request after another.
 * onnxruntime blocks the thread it is called on, which is why it lives here.
 */
const port = parentPort;
if (port === null) throw new Error('worker.js must be started as a worker thread');
const { providers, guard } = workerData as WorkerSettings;

// Failures are reported to the caller; the library would also print them.
env.logLevel = 'fatal';

const sessions = new Map<string, InferenceSession>();
let last = Promise.resolve();

port.on('message', (request: WorkerRequest | typeof CLOSE) => {
  if (request === CLOSE) {
    port.close();
    return;
  }
  last = last.then(async () => {
    // Not allowed in any more: nobody waits for the answer.
    if (!enterNative(guard)) return;
    const reply = await answer(request);
    leaveNative(guard);
    const transfer = 'outputs' in reply ? buffersOf(reply.outputs) : [];
    port.postMessage(reply, transfer);
  });
});

async function answer({
  id,
  modelPath,
  threadsPerRun,
  inputs,
}: WorkerRequest): Promise<WorkerReply> {
  let step: 'load' | 'run' = 'load';
  try {
    const session = sessions.get(modelPath) ?? (await openSession(modelPath, threadsPerRun));
    step = 'run';
    const outputs = inputs === undefined ? {} : await run(session, inputs);
    return { id, outputs, isBatchable: isBatchable(shapesOf(session)) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { id, failure: { step, message } };
  }
}

function shapesOf({ inputMetadata, outputMetadata }: InferenceSession): ValueShape[] {
  return [...inputMetadata, ...outputMetadata].map((value) =>
    value.isTensor ? { shape: value.shape } : {},
  );
}

async function openSession(modelPath: string, threadsPerRun: number): Promise<InferenceSession> {
  const session = await InferenceSession.create(modelPath, {
    executionProviders: [...providers],
    intraOpNumThreads: threadsPerRun,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Finding the faces of a video peaks at 335 MB with the arena, at 435 MB without, at the same speed.
    enableCpuMemArena: true,
    logSeverityLevel: 4,
  });
  await warmUp(session);
  sessions.set(modelPath, session);
  return session;
}

/** One run on zeros where the shapes are known, so that the first real run is as fast as the others. */
async function warmUp(session: InferenceSession): Promise<void> {
  const inputs: Record<string, Tensor> = {};
  for (const input of session.inputMetadata) {
    if (!input.isTensor || (input.type !== 'float32' && input.type !== 'uint8')) return;
    const dims = input.shape.filter((dim) => typeof dim === 'number');
    if (dims.length !== input.shape.length) return;
    const size = dims.reduce((product, dim) => product * dim, 1);
    inputs[input.name] = {
      data: input.type === 'uint8' ? new Uint8Array(size) : new Float32Array(size),
      dims,
    };
  }
  await run(session, inputs);
}

async function run(session: InferenceSession, inputs: TensorMap): Promise<TensorMap> {
  const feeds: Record<string, OrtTensor> = {};
  for (const [name, tensor] of Object.entries(inputs)) feeds[name] = toOrtTensor(tensor);
  const results = await session.run(feeds);
  const outputs: Record<string, Tensor> = {};
  for (const [name, value] of Object.entries(results)) {
    outputs[name] = { data: value.data as Tensor['data'], dims: value.dims };
  }
  return outputs;
}

function toOrtTensor({ data, dims }: Tensor): OrtTensor {
  if (data instanceof Float32Array) return new OrtTensor('float32', data, dims);
  if (data instanceof Uint8Array) return new OrtTensor('uint8', data, dims);
  if (data instanceof Int32Array) return new OrtTensor('int32', data, dims);
  return new OrtTensor('int64', data, dims);
}

function buffersOf(outputs: TensorMap): ArrayBuffer[] {
  return Object.values(outputs).map((tensor) => tensor.data.buffer as ArrayBuffer);
}
