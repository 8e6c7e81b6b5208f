import { diarizationToRttmTurns, formatRttm, parseRttm } from '../rttm.js';
import type { DiarizationFormat } from './format.js';

/** NIST RTTM, 3 decimals, turns in the order of the result. */
export const rttmFormat: DiarizationFormat = {
  name: 'rttm',
  extension: '.rttm',
  mediaType: 'text/plain',
  write: (diarization) => formatRttm(diarizationToRttmTurns(diarization)),
  read: (text) => parseRttm(text),
};
