import type { Contingency } from './frames.js';

/** Agreement of two labellings of the same frames. Entropies in bits. */
export interface ClusteringScores {
  readonly bcubedPrecision: number;
  readonly bcubedRecall: number;
  readonly bcubedF1: number;
  /** Goodman-Kruskal tau, range [0, 1]: how well the reference predicts the hypothesis. */
  readonly tauRefToHyp: number;
  readonly tauHypToRef: number;
  /** H(reference | hypothesis). */
  readonly refGivenHypBits: number;
  /** H(hypothesis | reference). */
  readonly hypGivenRefBits: number;
  readonly mutualInfoBits: number;
  /** Mutual information / sqrt(H(reference) H(hypothesis)), range [0, 1]. */
  readonly normalizedMutualInfo: number;
}

/** Sums over a contingency table from which every score follows; sums of several recordings simply add up. */
export interface ContingencySums {
  readonly frames: number;
  readonly refClasses: number;
  readonly hypClasses: number;
  /** Sum of count^2 / column total, and of count^2 / row total. */
  readonly precision: number;
  readonly recall: number;
  /** Sums of squared row and column totals. */
  readonly refSquares: number;
  readonly hypSquares: number;
  /** frames * H(reference | hypothesis), and the other way round. */
  readonly refGivenHyp: number;
  readonly hypGivenRef: number;
  /** Sums of total * log2(total) over rows and columns. */
  readonly refLogs: number;
  readonly hypLogs: number;
}

export function contingencySums(table: Contingency): ContingencySums {
  let precision = 0;
  let recall = 0;
  let refGivenHyp = 0;
  let hypGivenRef = 0;
  for (const { row, column, count } of table.cells) {
    const rowTotal = table.rowTotals[row]!;
    const columnTotal = table.columnTotals[column]!;
    precision += (count * count) / columnTotal;
    recall += (count * count) / rowTotal;
    refGivenHyp += count * (Math.log2(columnTotal) - Math.log2(count));
    hypGivenRef += count * (Math.log2(rowTotal) - Math.log2(count));
  }
  const total = (values: readonly number[], term: (value: number) => number): number =>
    values.reduce((sum, value) => sum + term(value), 0);
  return {
    frames: total(table.rowTotals, (n) => n),
    refClasses: table.rowTotals.length,
    hypClasses: table.columnTotals.length,
    precision,
    recall,
    refSquares: total(table.rowTotals, (n) => n * n),
    hypSquares: total(table.columnTotals, (n) => n * n),
    refGivenHyp,
    hypGivenRef,
    refLogs: total(table.rowTotals, (n) => n * Math.log2(n)),
    hypLogs: total(table.columnTotals, (n) => n * Math.log2(n)),
  };
}

/** Sums of all recordings together; classes of different recordings stay different, silence too (as in dscore). */
export function addSums(recordings: readonly ContingencySums[]): ContingencySums {
  const add = (pick: (sums: ContingencySums) => number): number =>
    recordings.reduce((sum, recording) => sum + pick(recording), 0);
  return {
    frames: add((s) => s.frames),
    refClasses: add((s) => s.refClasses),
    hypClasses: add((s) => s.hypClasses),
    precision: add((s) => s.precision),
    recall: add((s) => s.recall),
    refSquares: add((s) => s.refSquares),
    hypSquares: add((s) => s.hypSquares),
    refGivenHyp: add((s) => s.refGivenHyp),
    hypGivenRef: add((s) => s.hypGivenRef),
    refLogs: add((s) => s.refLogs),
    hypLogs: add((s) => s.hypLogs),
  };
}

/**
 * Scores of a table. Equal to bcubed, goodman_kruskal_tau, conditional_entropy and mutual_information of dscore,
 * with its conventions where one side has a single class. Without any frame the labellings agree.
 */
export function clusteringScores(sums: ContingencySums): ClusteringScores {
  const { frames, refClasses, hypClasses } = sums;
  const bcubedPrecision = frames > 0 ? sums.precision / frames : 1;
  const bcubedRecall = frames > 0 ? sums.recall / frames : 1;
  const tau = (classes: number, explained: number, squares: number): number => {
    if (classes <= 1) return 1;
    const byChance = squares / (frames * frames);
    return (explained - byChance) / (1 - byChance);
  };
  return {
    bcubedPrecision,
    bcubedRecall,
    bcubedF1: (2 * bcubedPrecision * bcubedRecall) / (bcubedPrecision + bcubedRecall),
    tauRefToHyp: tau(hypClasses, bcubedRecall, sums.hypSquares),
    tauHypToRef: tau(refClasses, bcubedPrecision, sums.refSquares),
    refGivenHypBits: frames > 0 ? sums.refGivenHyp / frames : 0,
    hypGivenRefBits: frames > 0 ? sums.hypGivenRef / frames : 0,
    ...mutualInfo(sums),
  };
}

function mutualInfo(
  sums: ContingencySums,
): Pick<ClusteringScores, 'mutualInfoBits' | 'normalizedMutualInfo'> {
  if (sums.refClasses <= 1 || sums.hypClasses <= 1) {
    const bothWhole = sums.refClasses <= 1 && sums.hypClasses <= 1;
    return { mutualInfoBits: 0, normalizedMutualInfo: bothWhole ? 1 : 0 };
  }
  const entropyBits = (logs: number): number => Math.log2(sums.frames) - logs / sums.frames;
  const refBits = entropyBits(sums.refLogs);
  const hypBits = entropyBits(sums.hypLogs);
  const mutualInfoBits = Math.max(refBits - sums.refGivenHyp / sums.frames, 0);
  const normalized = mutualInfoBits / Math.sqrt(refBits * hypBits);
  return { mutualInfoBits, normalizedMutualInfo: Math.min(normalized, 1) };
}
