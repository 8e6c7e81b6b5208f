/** One voice frame every 10 ms. */
export const VOICE_HOP_SAMPLES = 160;
/** Cepstral coefficients c1 .. c19; c0, the loudness, is left out. */
export const CEPSTRUM_COUNT = 19;

/** Columns of a voice frame, in this order; each is stored as one signed byte. */
export const VOICE_COLUMNS: readonly VoiceColumn[] = [
  ...Array.from({ length: CEPSTRUM_COUNT }, (_, i) => ({
    name: `c${i + 1}`,
    scale: 0.25,
    offset: 0,
  })),
  { name: 'logEnergy', scale: 0.08, offset: -10 },
  { name: 'logPitchHz', scale: 0.008, offset: 5.07 },
  { name: 'voicing', scale: 1 / 127, offset: 0 },
];

/** How the bytes of a column become numbers: value = byte * scale + offset. */
export interface VoiceColumn {
  /** `c1` .. `c19` mel cepstrum; `logEnergy` ln of the mean square of samples in [-1, 1]; `logPitchHz` ln of hertz; `voicing` periodicity, at most 1. */
  readonly name: string;
  readonly scale: number;
  readonly offset: number;
}

/** What the voice sounds like, every 10 ms of a range of the recording. JSON-safe, about 2.9 KB a second. */
export interface VoiceFrames {
  /** Frame t describes samples [160 t, 160 t + 160). */
  readonly startFrame: number;
  readonly frameCount: number;
  readonly columns: readonly VoiceColumn[];
  /** Base64 of signed bytes, shape (frameCount, columns.length). */
  readonly data: string;
}

/** Nearest byte of a value in a column; values out of range are clipped. */
export function toVoiceByte(value: number, { scale, offset }: VoiceColumn): number {
  return Math.max(-127, Math.min(127, Math.round((value - offset) / scale)));
}
