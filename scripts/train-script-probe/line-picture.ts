import sharp from 'sharp';
import type { Pixels } from '../../src/local/vision/models/pixels.ts';
import type { Chance } from '../chance.ts';
import type { Font } from './fonts.ts';

const HEIGHT = 48;

/**
 * A line as the recogniser is shown one: inks, sizes and margins as they come, some blurred, tilted or compressed.
 *
 * @returns undefined where the font draws nothing for these letters, whatever it claims to have
 */
export async function drawLine(text: string, font: Font, random: Chance): Promise<Pixels | undefined> {
  const size = [18, 22, 28, 36, 48, 60][random.whole(0, 5)] ?? 36;
  const dark = () => [0, 1, 2].map(() => random.whole(0, 89));
  const light = () => dark().map((value) => 255 - value);
  const [ink, paper] = random.next() < 0.75 ? [dark(), light()] : [light(), dark()];
  const hex = (colour: number[]) => `#${colour.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
  const background = hex(paper);
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const style = font.style === 'Regular' ? '' : font.style;
  const letters = await sharp({
    text: {
      text: `<span foreground="${hex(ink)}">${escaped}</span>`,
      font: `${font.family} ${style} ${size}`,
      fontfile: font.file,
      dpi: 72,
      rgba: true,
    },
  })
    .png()
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      if (error instanceof Error && error.message.includes('no text to render')) return undefined;
      throw error;
    });
  if (letters === undefined) return undefined;
  const margin = () => Math.round(letters.info.height * random.between(0.12, 0.4));
  const margins = { top: margin(), bottom: margin(), left: margin(), right: margin(), background };
  let picture = await sharp(letters.data).flatten({ background }).extend(margins).png().toBuffer();
  if (random.next() < 0.3)
    picture = await sharp(picture).rotate(random.between(-1.5, 1.5), { background }).png().toBuffer();
  if (random.next() < 0.3)
    picture = await sharp(picture)
      .blur(random.between(0.4, 0.4 + size / 40))
      .png()
      .toBuffer();
  if (random.next() < 0.3)
    picture = await sharp(picture)
      .jpeg({ quality: random.whole(30, 79) })
      .toBuffer();
  const { width = 1, height = 1 } = await sharp(picture).metadata();
  const length = Math.max(16, Math.min(1200, Math.round((HEIGHT * width) / height)));
  const data = await sharp(picture).removeAlpha().resize(length, HEIGHT, { fit: 'fill' }).raw().toBuffer();
  return { data, width: length, height: HEIGHT };
}
