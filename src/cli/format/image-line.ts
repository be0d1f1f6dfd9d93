import picocolors from 'picocolors';
import type { ImageStatus, StoredImage } from '../../results/rows.ts';
import { count } from './count.ts';
import { imageCells } from './image-cells.ts';

const TEXT_LENGTH = 40;

// By itself it would also paint where CI is set, whose logs are files.
const colours = picocolors.createColors(picocolors.isColorSupported && process.stdout.isTTY === true);

const paint: Record<ImageStatus, (text: string) => string> = {
  done: colours.green,
  partial: colours.yellow,
  rejected: colours.red,
  superseded: colours.dim,
  gone: colours.dim,
};

/** One finished image on one line. */
export function imageLine(image: StoredImage): string {
  const { name, status, tags, text, matches } = imageCells(image, TEXT_LENGTH);
  const parts = [
    tags,
    text === '' ? '' : `"${text}"`,
    image.faces.length === 0 ? '' : count(image.faces.length, 'face'),
    matches.length === 0 ? '' : `possible match: ${matches.join(', ')}`,
  ].filter((part) => part !== '');
  return [paint[image.status](status), colours.bold(name), parts.join(' | ')]
    .filter((part) => part !== '')
    .join('  ');
}
