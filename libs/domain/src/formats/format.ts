import type { Diarization } from '../diarization.js';
import { AvdError } from '../errors.js';
import type { RttmTurn } from '../rttm.js';

/** One text format of a diarization. */
export interface DiarizationFormat {
  /** Name as the user types it, e.g. `vtt`. */
  readonly name: string;
  /** File name ending with its dot. */
  readonly extension: string;
  /** MIME type. */
  readonly mediaType: string;
  /** The whole file as text; the same diarization always gives the same text. */
  readonly write: (diarization: Diarization) => string;
  /**
   * Turns of a file in this format, in the order of the file.
   * @param recording recording name for formats that do not carry one
   * @throws AvdError invalidInput `BAD_<NAME>`, naming the line or the part that is wrong
   */
  readonly read?: (text: string, recording: string) => RttmTurn[];
}

/** Error for a file of the named format that cannot be read. */
export function badFormat(name: string, what: string): AvdError {
  return new AvdError('invalidInput', `BAD_${name.toUpperCase()}`, `${name}: ${what}.`);
}
