import sharp, { type Sharp } from 'sharp';

/**
 * Letters as polylines on a grid 4 wide and 6 high, strokes separated by spaces: signs drawn with them look the same
 * on machines that have no fonts installed.
 */
const GLYPHS: Record<string, string> = {
  A: '0,6,2,0,4,6 1,4,3,4',
  C: '4,1,3,0,1,0,0,1,0,5,1,6,3,6,4,5',
  D: '0,0,0,6,2.5,6,4,4.5,4,1.5,2.5,0,0,0',
  E: '4,0,0,0,0,6,4,6 0,3,3,3',
  F: '4,0,0,0,0,6 0,3,3,3',
  H: '0,0,0,6 4,0,4,6 0,3,4,3',
  I: '2,0,2,6',
  L: '0,0,0,6,4,6',
  M: '0,6,0,0,2,4,4,0,4,6',
  N: '0,6,0,0,4,6,4,0',
  O: '1,0,3,0,4,1,4,5,3,6,1,6,0,5,0,1,1,0',
  P: '0,6,0,0,3,0,4,1,4,2.3,3,3.3,0,3.3',
  R: '0,6,0,0,3,0,4,1,4,2.3,3,3.3,0,3.3 2,3.3,4,6',
  S: '4,1,3,0,1,0,0,1,0,2,1,3,3,3,4,4,4,5,3,6,1,6,0,5',
  T: '0,0,4,0 2,0,2,6',
  U: '0,0,0,5,1,6,3,6,4,5,4,0',
  W: '0,0,1,6,2,2,3,6,4,0',
  X: '0,0,4,6 4,0,0,6',
  '2': '0,1,1,0,3,0,4,1,4,2,0,6,4,6',
  '4': '3,6,3,0,0,4,4,4',
  '7': '0,0,4,0,1.5,6',
};

const UNIT = 10;
const ADVANCE = 6;
const LINE = 12;

interface SignOptions {
  width?: number;
  height?: number;
  /** Where the first line's top left stands. */
  left?: number;
  top?: number;
  ink?: string;
  /** CSS colour, or undefined for transparent. */
  paper?: string | undefined;
}

/** A sign with these lines of capital letters, each letter 40 pixels wide and 60 high. */
export function drawSign(lines: readonly string[], options: SignOptions = {}): Sharp {
  const { width = 720, height = 480, left = 60, top = 60, ink = 'black' } = options;
  const paper = 'paper' in options ? options.paper : 'white';
  const paths = lines.flatMap((line, row) =>
    [...line].flatMap((letter, column) =>
      letter === ' ' ? [] : glyph(letter, left + column * ADVANCE * UNIT, top + row * LINE * UNIT),
    ),
  );
  const background = paper === undefined ? '' : `<rect width="100%" height="100%" fill="${paper}"/>`;
  return sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${background}<path d="${paths.join('')}"
        fill="none" stroke="${ink}" stroke-width="9" stroke-linecap="round" stroke-linejoin="round"/></svg>`,
    ),
  );
}

function glyph(letter: string, x: number, y: number): string[] {
  const strokes = GLYPHS[letter];
  if (strokes === undefined) throw new Error(`The drawn alphabet has no "${letter}".`);
  return strokes.split(' ').map((stroke) => {
    const numbers = stroke.split(',').map(Number);
    const points: string[] = [];
    for (let i = 0; i < numbers.length; i += 2) {
      points.push(`${x + (numbers[i] ?? 0) * UNIT} ${y + (numbers[i + 1] ?? 0) * UNIT}`);
    }
    return `M${points.join('L')}`;
  });
}
