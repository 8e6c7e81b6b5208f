import { audacityFormat } from './audacity.js';
import { ctmFormat } from './ctm.js';
import { eafFormat } from './eaf.js';
import type { DiarizationFormat } from './format.js';
import { rttmFormat } from './rttm.js';
import { srtFormat } from './srt.js';
import { textGridFormat } from './textgrid.js';
import { vttFormat } from './vtt.js';

export type { DiarizationFormat } from './format.js';

/** Every text format a diarization can be written to (and read from), in the order to show them. */
export const DIARIZATION_FORMATS: readonly DiarizationFormat[] = [
  rttmFormat,
  vttFormat,
  srtFormat,
  ctmFormat,
  audacityFormat,
  textGridFormat,
  eafFormat,
];

/** The format of that name, or undefined. */
export function findDiarizationFormat(name: string): DiarizationFormat | undefined {
  return DIARIZATION_FORMATS.find((format) => format.name === name);
}
