import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

/** Fonts come from a package, not from the machine, so that every machine draws the same pictures. */
const FONTS = new URL('../../../node_modules/dejavu-fonts-ttf/ttf/', import.meta.url);

type Font =
  | 'DejaVu Sans'
  | 'DejaVu Sans Bold'
  | 'DejaVu Serif'
  | 'DejaVu Sans Mono'
  | 'DejaVu Sans Condensed';
const FILES: Readonly<Record<Font, string>> = {
  'DejaVu Sans': 'DejaVuSans.ttf',
  'DejaVu Sans Bold': 'DejaVuSans-Bold.ttf',
  'DejaVu Serif': 'DejaVuSerif.ttf',
  'DejaVu Sans Mono': 'DejaVuSansMono.ttf',
  'DejaVu Sans Condensed': 'DejaVuSansCondensed.ttf',
};
export const FONT_NAMES = Object.keys(FILES) as Font[];

export interface Block {
  lines: readonly string[];
  left: number;
  top: number;
  font?: Font;
  /** Height of the em, pixels. */
  size?: number;
  /** Of the line, in ems. */
  leading?: number;
  ink?: string;
  align?: 'left' | 'right';
}

interface Page {
  width: number;
  height: number;
  /** CSS colour, or undefined for transparent. */
  paper: string | undefined;
  blocks: readonly Block[];
}

/** The page as a PNG. A block is set by Pango as one text: joined letters and right-to-left order are its work. */
export async function drawPage({ width, height, paper, blocks }: Page): Promise<Buffer> {
  const layers = await Promise.all(
    blocks.map(async (block) => {
      const input = await drawBlock(block);
      const { width: drawn = 0 } = await sharp(input).metadata();
      return { input, left: block.align === 'right' ? block.left - drawn : block.left, top: block.top };
    }),
  );
  const background = paper ?? { r: 0, g: 0, b: 0, alpha: 0 };
  return sharp({ create: { width, height, channels: 4, background } })
    .composite(layers)
    .png({ compressionLevel: 1 })
    .toBuffer();
}

function drawBlock(block: Block): Promise<Buffer> {
  const { lines, font = 'DejaVu Sans', size = 30, leading = 1.6, ink = '#202020', align = 'left' } = block;
  const escaped = lines.join('\n').replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return sharp({
    text: {
      text: `<span foreground="${ink}">${escaped}</span>`,
      font: `${font} ${size}`,
      fontfile: fileURLToPath(new URL(FILES[font], FONTS)),
      // At 72 dots per inch a point is a pixel.
      dpi: 72,
      rgba: true,
      spacing: Math.round(size * (leading - 1.17)),
      align,
    },
  })
    .png()
    .toBuffer();
}

/** Turned clockwise around its middle, the corners filled with the paper's colour. */
export function tilt(page: Buffer, degrees: number, paper: string): Promise<Buffer> {
  return sharp(page).flatten({ background: paper }).rotate(degrees, { background: paper }).png().toBuffer();
}
