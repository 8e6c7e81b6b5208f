import type { MediaReader } from '@avd/stage-kit';

/** Sound held in memory; notes the ranges that were read. Only for tests. */
export interface MemoryMedia extends MediaReader {
  readonly reads: (readonly [startSample: number, endSample: number])[];
}

export function createMemoryMedia(samples: Int16Array): MemoryMedia {
  const reads: [number, number][] = [];
  return {
    reads,
    info: { audio: { sampleCount: samples.length }, durationSec: samples.length / 16_000 },
    frames: () => {
      throw new Error('a medium of sound only');
    },
    samples: async (startSample, endSample) => {
      reads.push([startSample, endSample]);
      return samples.slice(startSample, endSample);
    },
  };
}
