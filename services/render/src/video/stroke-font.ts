/** One character as lines of a pen. */
export interface Glyph {
  /** In units of the grid; the pen's width is not in it. */
  readonly width: number;
  /** Each line: x0, y0, x1, y1, ... A line of one point twice is a dot. */
  readonly lines: readonly (readonly number[])[];
}

/** Height of capitals and digits in units of the grid; small letters begin at 3, tails reach down to 12. */
export const CAPITAL_UNITS = 9;
export const TAIL_UNITS = 3;

/**
 * Character, width, and its lines as pairs of hexadecimal digits x y; y runs down from 0 (top of a capital) over 9
 * (base line) to c. Drawn for this project.
 */
const DRAWINGS = `
A6 093069 1656|B6 044453514000094968665544|C6 625140201103061829495867|D6 000939586663513000
E6 60000969 0444|F6 600009 0444|G6 6251402011030618294958666545|H6 0009 6069 0464
I2 0020 1019 0929|J4 404739190807|K6 0009 6006 2469|L5 000959|M6 0900356069|N6 09006960
O6 20405163665849291806031120|P6 09004061644505|Q6 20405163665849291806031120 4669
R6 09004061644505 3569|S6 614020010314556668492908|T6 0060 3039|U6 0006182949586660|V6 003960
W8 0029426980|X6 0069 6009|Y6 003560 3539|Z6 00600969
05 203052573929070220|13 022029|25 02104052530959|35 01104051534424 445558491908|45 49400656
55 500004335557491908|65 513020030729395755342406|75 005029
85 203051533424030120 2405082939585534|95 082939565230200204253553
a5 13435459 56160708193958|b5 0009 0523335557392907|c5 5443230507294958|d5 5059 5533230507293957
e5 06565533230507294958|f4 40302129 0343|g5 535a3c1c0b 5533230507293957|h5 0009 0523435459
i0 0309 0000|j1 131b0c 1010|k4 0009 4307 2549|l1 000819|m8 0309 0423334449 4463738489
n5 0309 0523435459|o5 233355573929070523|p5 030c 0523335557392907|q5 535c 5533230507293957
r3 0309 052333|s5 5443130416465758491908|t3 10182939 0333|u5 0308193957 5359|v4 032943
w8 0329446983|x4 0349 4309|y4 0329 431c|z4 03430949
.0 0909|,1 190b|:0 0404 0909|;1 1414 190b|'0 0002|"2 0002 2022|-3 0535|_5 0a5a|/4 0940|+4 2428 0646
=4 0444 0747|(2 20030629|)2 00232609|!0 0006 0909|?4 01103041432526 2929|%6 0960 1111 5858
#6 2019 5049 0363 0666|&6 690301103042070819395764|*4 2125 0244 4204`;

const glyphs = new Map<string, Glyph>([[' ', { width: 3, lines: [] }]]);
for (const drawing of DRAWINGS.trim().split(/[|\n]/)) {
  const [character = '', width = ''] = drawing;
  glyphs.set(character, { width: Number(width), lines: parseLines(drawing.slice(2).trim()) });
}
/** Stands for characters that have no drawing. */
const UNKNOWN: Glyph = { width: 5, lines: parseLines('0050590900') };

function parseLines(text: string): number[][] {
  return text.split(' ').map((line) => Array.from(line, (digit) => parseInt(digit, 16)));
}

/** Glyphs of a text; accents are left out, characters without a drawing are boxes. */
export function glyphsOf(text: string): Glyph[] {
  const plain = text.normalize('NFD').replace(/\p{M}/gu, '');
  return Array.from(plain, (character) => glyphs.get(character) ?? UNKNOWN);
}
