/**
 * Running median of odd width; values beyond both ends count as zero, so that the ends are pulled towards
 * zero. Equal to scipy.signal.medfilt, also where the signal is shorter than the kernel; exact.
 * @param values finite numbers, shape (n)
 * @param kernelSize odd, at least 1
 * @returns shape (n)
 * @throws RangeError for an even or non-positive kernel
 */
export function medianFilter(values: ArrayLike<number>, kernelSize: number): Float64Array {
  if (!Number.isInteger(kernelSize) || kernelSize < 1 || kernelSize % 2 === 0) {
    throw new RangeError(`kernel size must be odd and positive, got ${kernelSize}`);
  }
  const half = kernelSize >> 1;
  const valueAt = (index: number): number =>
    index < 0 || index >= values.length ? 0 : values[index]!;
  // The window stays sorted; moving on replaces one value by another.
  const sorted = new Float64Array(kernelSize);
  for (let k = 0; k < kernelSize; k++) sorted[k] = valueAt(k - half);
  sorted.sort();
  const medians = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    if (i > 0) replaceSorted(sorted, valueAt(i - half - 1), valueAt(i + half));
    medians[i] = sorted[half]!;
  }
  return medians;
}

function replaceSorted(sorted: Float64Array, leaving: number, entering: number): void {
  let at = 0;
  while (at + 1 < sorted.length && sorted[at] !== leaving) at++;
  while (at + 1 < sorted.length && sorted[at + 1]! < entering) {
    sorted[at] = sorted[at + 1]!;
    at++;
  }
  while (at > 0 && sorted[at - 1]! > entering) {
    sorted[at] = sorted[at - 1]!;
    at--;
  }
  sorted[at] = entering;
}
