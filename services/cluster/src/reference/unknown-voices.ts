import { agglomerativeAverage } from '../agglomerative.js';
import {
  condensedCosineDistances,
  normalizeRows,
  rowDot,
  type RowMatrix,
} from '../agglomerative-cosine.js';

/** Clustering takes memory and time with the square of the rows: of more rows, evenly spaced ones stand for all. */
const MAX_CLUSTERED_ROWS = 3000;
/** A voice of fewer windows (1 s) is too little to speak of a person. */
const MIN_VOICE_ROWS = 5;

/** Frames of one run of speech: the voice row of each and its speaker number, -1 for unknown. */
export interface LabelledFrames {
  readonly rows: Int32Array;
  readonly labels: Int32Array;
}

/**
 * Groups the frames of unknown speakers by voice and numbers the voices from firstLabel on, in order of appearance.
 * Changes `labels` in place; voices heard for less than a second stay unknown.
 *
 * @param minSimilarity cosine similarity from which two windows count as one voice
 */
export function groupUnknownFrames(
  runs: readonly LabelledFrames[],
  voices: RowMatrix,
  firstLabel: number,
  minSimilarity: number,
): void {
  const isUnknown = new Uint8Array(voices.rowCount);
  for (const { rows, labels } of runs) {
    for (let k = 0; k < rows.length; k++) if (labels[k] === -1) isUnknown[rows[k]!] = 1;
  }
  const unknownRows = [...isUnknown.keys()].filter((row) => isUnknown[row] === 1);
  const voiceOfRow = groupRows(selectRows(voices, unknownRows), minSimilarity);
  const labelOfRow = new Map<number, number>();
  for (const [k, row] of unknownRows.entries()) {
    if (voiceOfRow[k]! >= 0) labelOfRow.set(row, firstLabel + voiceOfRow[k]!);
  }
  for (const { rows, labels } of runs) {
    for (let k = 0; k < rows.length; k++) {
      if (labels[k] === -1) labels[k] = labelOfRow.get(rows[k]!) ?? -1;
    }
  }
}

/** Voice number of each row in order of first appearance, -1 for voices that are too short. */
function groupRows(rows: RowMatrix, minSimilarity: number): Int32Array {
  const voices = new Int32Array(rows.rowCount).fill(-1);
  const step = Math.ceil(rows.rowCount / MAX_CLUSTERED_ROWS);
  const sampled = [...voices.keys()].filter((row) => row % step === 0);
  if (sampled.length === 0) return voices;
  const sample = selectRows(rows, sampled);
  const clusters = agglomerativeAverage(
    condensedCosineDistances(sample),
    sample.rowCount,
    1 - minSimilarity,
  );
  const sizes = new Map<number, number>();
  for (const cluster of clusters) sizes.set(cluster, (sizes.get(cluster) ?? 0) + step);
  const voiceOfCluster = new Map<number, number>();
  for (const cluster of clusters) {
    if (sizes.get(cluster)! >= MIN_VOICE_ROWS && !voiceOfCluster.has(cluster)) {
      voiceOfCluster.set(cluster, voiceOfCluster.size);
    }
  }
  const { columnCount } = rows;
  const sums = new Float32Array(voiceOfCluster.size * columnCount);
  const unit = normalizeRows(rows);
  for (const [k, row] of sampled.entries()) {
    const voice = voiceOfCluster.get(clusters[k]!) ?? -1;
    voices[row] = voice;
    for (let c = 0; voice >= 0 && c < columnCount; c++) {
      sums[voice * columnCount + c]! += unit.data[row * columnCount + c]!;
    }
  }
  const centres = normalizeRows({ data: sums, rowCount: voiceOfCluster.size, columnCount });
  for (let row = 0; row < rows.rowCount; row++) {
    if (row % step === 0) continue;
    let best = minSimilarity;
    for (let voice = 0; voice < centres.rowCount; voice++) {
      const similarity = rowDot(unit, row, centres, voice);
      if (similarity >= best) {
        best = similarity;
        voices[row] = voice;
      }
    }
  }
  return voices;
}

function selectRows({ data, columnCount }: RowMatrix, rows: readonly number[]): RowMatrix {
  const selected = new Float32Array(rows.length * columnCount);
  for (const [k, row] of rows.entries()) {
    selected.set(data.subarray(row * columnCount, (row + 1) * columnCount), k * columnCount);
  }
  return { data: selected, rowCount: rows.length, columnCount };
}
