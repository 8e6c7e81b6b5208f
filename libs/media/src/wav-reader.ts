import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { parseWav, type WavLayout } from './wav-format.js';

/** Enough for the chunks that programs write before the samples. */
const HEAD_BYTES = 65_536;

/** Ranged access to a 16-bit PCM WAV file. Any number of reads may run at once. */
export class WavReader implements AsyncDisposable {
  readonly sampleRateHz: number;
  readonly channelCount: number;
  /** Samples per channel. */
  readonly sampleCount: number;
  readonly #file: FileHandle;
  readonly #dataOffsetBytes: number;

  private constructor(file: FileHandle, layout: WavLayout) {
    this.#file = file;
    this.#dataOffsetBytes = layout.dataOffsetBytes;
    this.sampleRateHz = layout.sampleRateHz;
    this.channelCount = layout.channelCount;
    this.sampleCount = Math.floor(layout.dataBytes / (2 * layout.channelCount));
  }

  /** @throws AvdError media NOT_A_WAV_FILE; the errors of the file system as they are */
  static async open(wavPath: string): Promise<WavReader> {
    const file = await open(wavPath, 'r');
    try {
      const head = Buffer.alloc(HEAD_BYTES);
      const { bytesRead } = await file.read(head, 0, HEAD_BYTES, 0);
      const { size } = await file.stat();
      const layout = parseWav(head.subarray(0, bytesRead), size, path.basename(wavPath));
      return new WavReader(file, layout);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /**
   * Samples [startSample, endSample), channels interleaved. What lies outside of the file is left out: the result
   * is shorter then, zeros are never added.
   */
  async samples(startSample: number, endSample: number): Promise<Int16Array> {
    const start = Math.min(Math.max(0, startSample), this.sampleCount);
    const end = Math.min(Math.max(start, endSample), this.sampleCount);
    const result = new Int16Array((end - start) * this.channelCount);
    const bytes = Buffer.from(result.buffer);
    const position = this.#dataOffsetBytes + start * this.channelCount * 2;
    for (let done = 0; done < bytes.length;) {
      const { bytesRead } = await this.#file.read(
        bytes,
        done,
        bytes.length - done,
        position + done,
      );
      if (bytesRead === 0) throw new Error('a WAV file became shorter while it was read');
      done += bytesRead;
    }
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}
