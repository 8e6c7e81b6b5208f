import path from 'node:path';
import { AvdError } from '@avd/domain';
import { sha256OfFile } from '../store/digest.js';
import { folderOption } from '../store/errors.js';
import { keepFile } from '../store/keep-file.js';

const ENDING = '-int8';

/** Networks worth 8 bits: large convolutions, whose inputs `avd models quantize` can make of a video. */
export const QUANTIZABLE = ['s3fd', 'syncnet-lip'] as const;
export type QuantizableName = (typeof QUANTIZABLE)[number];

/** Name under which the 8-bit form of a network is loaded. */
export function quantizedName(name: QuantizableName): string {
  return name + ENDING;
}

/** The network a name with `-int8` stands for; undefined for other names. */
export function quantizedOf(name: string): QuantizableName | undefined {
  return QUANTIZABLE.find((candidate) => quantizedName(candidate) === name);
}

/**
 * Finds the 8-bit form of a network, made on this machine.
 * @throws AvdError precondition MODEL_NOT_QUANTIZED, saying what to run
 */
export async function locateQuantized(
  name: QuantizableName,
  cacheDir: string,
): Promise<{ readonly name: string; readonly path: string; readonly sha256: string }> {
  const filePath = quantizedPath(name, cacheDir);
  const sha256 = await sha256OfFile(filePath).catch((cause: unknown) => {
    throw new AvdError(
      'precondition',
      'MODEL_NOT_QUANTIZED',
      `The model ${name} has no 8-bit form in ${cacheDir} yet: run "avd models quantize ${name} --calibrate VIDEO${folderOption(cacheDir)}".`,
      { cause, details: { model: name } },
    );
  });
  return { name: quantizedName(name), path: filePath, sha256 };
}

/** Keeps the 8-bit form of a network, in one step; replaces the one before. @returns its path */
export async function keepQuantized(
  name: QuantizableName,
  cacheDir: string,
  onnx: Uint8Array,
): Promise<string> {
  return keepFile(quantizedPath(name, cacheDir), onnx);
}

function quantizedPath(name: QuantizableName, cacheDir: string): string {
  return path.join(cacheDir, 'onnx', `${quantizedName(name)}.onnx`);
}
