/** One line that carries data, counted from 1 in the whole text. */
export interface ContentLine {
  readonly lineNumber: number;
  /** Without white space at both ends; never empty. */
  readonly content: string;
}

/** Lines of a column format (RTTM, UEM, CTM): blank lines and comments (`;` or `#` first) left out. */
export function contentLines(text: string): ContentLine[] {
  const lines: ContentLine[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const content = line.trim();
    if (content === '' || content.startsWith(';') || content.startsWith('#')) continue;
    lines.push({ lineNumber: index + 1, content });
  }
  return lines;
}

/** True for a plain decimal number; unlike Number() it refuses '', '0x1' and 'Infinity'. */
export function isNumberText(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
}
