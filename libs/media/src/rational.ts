/** num/den with whole numbers, den > 0. */
export interface Rational {
  readonly num: number;
  readonly den: number;
}

/** Reads ffprobe's "num/den"; undefined for "0/0", "N/A" and the like. */
export function parseRational(text: string | undefined): Rational | undefined {
  const match = /^(\d+)\/(\d+)$/.exec(text ?? '');
  if (match === null) return undefined;
  const num = Number(match[1]);
  const den = Number(match[2]);
  return num > 0 && den > 0 ? { num, den } : undefined;
}
