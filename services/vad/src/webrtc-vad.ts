import { AvdError } from '@avd/domain';
import createFvad, { type FvadModule } from '@echogarden/fvad-wasm';

export interface WebRtcVadOptions {
  readonly sampleRateHz: 8000 | 16_000 | 32_000 | 48_000;
  /** Aggressiveness: 0 finds the most speech, 3 the least. */
  readonly mode: 0 | 1 | 2 | 3;
  readonly frameMs: 10 | 20 | 30;
}

/** WebRTC's voice detector; each decision depends on all frames before. Close it after use. */
export interface WebRtcVad {
  readonly frameSamples: number;
  /**
   * @param frame the next `frameSamples` samples of the sound, int16 values
   * @throws RangeError for another length
   */
  isSpeech(frame: Int16Array): boolean;
  close(): void;
}

let loading: Promise<FvadModule> | undefined;

/**
 * Starts a detector in its initial state.
 * Equal to py-webrtcvad `Vad(mode).is_speech`; exact.
 * @throws AvdError kind `internal` when the WebAssembly file of the npm package cannot be loaded
 */
export async function openWebRtcVad(options: WebRtcVadOptions): Promise<WebRtcVad> {
  // One copy of the code serves all detectors of the process: each has its own state in its memory.
  loading ??= createFvad();
  let fvad: FvadModule;
  try {
    fvad = await loading;
  } catch (cause) {
    loading = undefined;
    const message = 'The WebRTC voice detector cannot be loaded; install the npm packages again.';
    throw new AvdError('internal', 'VAD_NOT_LOADED', message, { cause });
  }
  const frameSamples = (options.sampleRateHz / 1000) * options.frameMs;
  const detector = fvad._fvad_new();
  const frameAddress = fvad._malloc(frameSamples * Int16Array.BYTES_PER_ELEMENT);
  fvad._fvad_set_mode(detector, options.mode);
  fvad._fvad_set_sample_rate(detector, options.sampleRateHz);
  return {
    frameSamples,
    isSpeech(frame) {
      if (frame.length !== frameSamples) {
        throw new RangeError(`VAD frame of ${frame.length} samples instead of ${frameSamples}`);
      }
      fvad.HEAP16.set(frame, frameAddress / Int16Array.BYTES_PER_ELEMENT);
      return fvad._fvad_process(detector, frameAddress, frameSamples) === 1;
    },
    close() {
      fvad._free(frameAddress);
      fvad._fvad_free(detector);
    },
  };
}
