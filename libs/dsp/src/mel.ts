/** Band filters over the bins of a power spectrum; each band stores only its non-zero weights. */
export interface MelBank {
  readonly bandCount: number;
  /** Bins of the power spectrum the bank applies to (fftSize / 2 + 1). */
  readonly binCount: number;
  /** First bin of each band; shape (bandCount). */
  readonly firstBin: Int32Array;
  /** Where each band's weights start in `weights`; shape (bandCount + 1). */
  readonly weightStart: Int32Array;
  readonly weights: Float64Array;
}

export interface MelBankOptions {
  readonly bandCount: number;
  /** Length of the transform behind the power spectrum. */
  readonly fftSize: number;
  readonly sampleRateHz: number;
  /** @default 0 */
  readonly lowHz?: number;
  /** @default half the sample rate */
  readonly highHz?: number;
}

/** Mel value of a frequency on the HTK scale, 2595 log10(1 + f / 700). */
export function hzToMel(hz: number): number {
  return 2595 * Math.log10(1 + hz / 700);
}

/** Inverse of {@link hzToMel}. */
export function melToHz(mel: number): number {
  return 700 * (10 ** (mel / 2595) - 1);
}

/**
 * Triangles whose corners are rounded down to whole bins.
 * Equal to python_speech_features.get_filterbanks; tolerance 1e-12.
 */
export function wholeBinMelBank(options: MelBankOptions): MelBank {
  const corners = cornersHz(options).map((hz) =>
    Math.floor(((options.fftSize + 1) * hz) / options.sampleRateHz),
  );
  return bankOf(options, (band, bin) => {
    const [left, centre, right] = corners.slice(band, band + 3) as [number, number, number];
    if (bin >= left && bin < centre) return (bin - left) / (centre - left);
    if (bin >= centre && bin < right) return (right - bin) / (right - centre);
    return 0;
  });
}

/**
 * Triangles over the exact bin frequencies, height 1.
 * Equal to torchaudio.functional.melscale_fbanks(norm=None, mel_scale="htk"); tolerance 1e-5 (float32 there).
 */
export function triangularMelBank(options: MelBankOptions): MelBank {
  const corners = cornersHz(options);
  const hzPerBin = options.sampleRateHz / options.fftSize;
  return bankOf(options, (band, bin) => {
    const [left, centre, right] = corners.slice(band, band + 3) as [number, number, number];
    const hz = bin * hzPerBin;
    return Math.max(0, Math.min((hz - left) / (centre - left), (right - hz) / (right - centre)));
  });
}

/**
 * Weighted sum of the power spectrum in each band.
 * @param power shape (bank.binCount)
 * @param energies out, shape (bank.bandCount)
 */
export function applyMelBank(bank: MelBank, power: Float64Array, energies: Float64Array): void {
  const { firstBin, weightStart, weights } = bank;
  for (let band = 0; band < bank.bandCount; band++) {
    const start = weightStart[band]!;
    const end = weightStart[band + 1]!;
    const binShift = firstBin[band]! - start;
    let sum = 0;
    for (let w = start; w < end; w++) sum += weights[w]! * power[w + binShift]!;
    energies[band] = sum;
  }
}

/** bandCount + 2 frequencies, equally spaced on the mel scale. */
function cornersHz({
  bandCount,
  sampleRateHz,
  lowHz = 0,
  highHz = sampleRateHz / 2,
}: MelBankOptions): number[] {
  const lowMel = hzToMel(lowHz);
  const stepMel = (hzToMel(highHz) - lowMel) / (bandCount + 1);
  return Array.from({ length: bandCount + 2 }, (_, i) => melToHz(lowMel + i * stepMel));
}

function bankOf(options: MelBankOptions, weightAt: (band: number, bin: number) => number): MelBank {
  const binCount = (options.fftSize >> 1) + 1;
  const firstBin = new Int32Array(options.bandCount);
  const weightStart = new Int32Array(options.bandCount + 1);
  const weights: number[] = [];
  for (let band = 0; band < options.bandCount; band++) {
    const row = Array.from({ length: binCount }, (_, bin) => weightAt(band, bin));
    const first = row.findIndex((weight) => weight !== 0);
    const last = row.findLastIndex((weight) => weight !== 0);
    firstBin[band] = Math.max(0, first);
    if (first >= 0) weights.push(...row.slice(first, last + 1));
    weightStart[band + 1] = weights.length;
  }
  return {
    bandCount: options.bandCount,
    binCount,
    firstBin,
    weightStart,
    weights: Float64Array.from(weights),
  };
}
