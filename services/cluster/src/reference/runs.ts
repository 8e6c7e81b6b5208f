/** A stretch of equal values: indices [start, start + length). */
export interface Run {
  readonly value: number;
  readonly start: number;
  readonly length: number;
}

/** Splits a sequence wherever its value changes. Equal to voxconverse.utils.find_runs. */
export function findRuns(values: ArrayLike<number>): Run[] {
  const runs: Run[] = [];
  let start = 0;
  for (let index = 1; index <= values.length; index++) {
    if (index < values.length && values[index] === values[start]) continue;
    runs.push({ value: values[start]!, start, length: index - start });
    start = index;
  }
  return runs;
}
