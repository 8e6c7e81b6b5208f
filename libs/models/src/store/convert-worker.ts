import { parentPort, workerData } from 'node:worker_threads';
import { AvdError } from '@avd/domain';
import { checkpointToOnnx } from '../networks/index.js';
import type { ConversionAnswer, ConversionJob } from './convert-checkpoint.js';
import { keepConverted } from './converted-file.js';

/** Entry of the conversion thread (see convert-checkpoint.ts). */
async function run({
  entry,
  checkpointPath,
  cacheDir,
  form,
}: ConversionJob): Promise<ConversionAnswer> {
  try {
    const { conversion } = entry;
    if (conversion.from !== 'checkpoint') throw new Error(`${entry.name} is not a checkpoint`);
    const onnx = await checkpointToOnnx(checkpointPath, conversion.network, form);
    return { path: await keepConverted(entry, cacheDir, onnx, form) };
  } catch (error) {
    const { kind, reason, message, details } = AvdError.from(error);
    return { kind, reason, message, details };
  }
}

parentPort?.postMessage(await run(workerData as ConversionJob));
