import { type Finding, lookedFor } from '../../domain/looked-for.ts';
import { confidenceText } from '../../domain/match-worth.ts';
import type { StepStanding } from '../../domain/step.ts';
import type { StoredImage } from '../../results/rows.ts';
import { imageName } from './image-name.ts';
import { NOT_LOOKED } from './not-looked.ts';
import { printable, shorten } from './printable.ts';

/** What people are shown of an image, in words: one line and one table row are made of it. */
interface ImageCells {
  name: string;
  /** With its reason where it is not `done`. */
  status: string;
  tags: string;
  text: string;
  faces: string;
  /** Each other image once, with its best confidence, best first. */
  matches: string[];
  /** What stands for each where it is empty: whether that means none, or that it was not looked for. */
  not: Readonly<Record<Finding, string>>;
}

const TAGS = 5;

export function imageCells(image: StoredImage, textLength: number): ImageCells {
  const looked = lookedFor(image);
  const none = (finding: Finding) => (looked[finding].state === 'looked' ? '' : NOT_LOOKED);
  const surest = [...image.tags].sort((one, other) => other.confidence - one.confidence);
  const best = new Map<string, { url: string; confidence: number }>();
  for (const { otherImage, otherImageUrl, confidence } of image.matches) {
    const known = best.get(otherImage);
    if (!known || known.confidence < confidence) best.set(otherImage, { url: otherImageUrl, confidence });
  }
  return {
    name: imageName(image.imageUrl),
    status: [image.status, reasons(image)].filter((part) => part !== '').join(': '),
    tags: surest
      .slice(0, TAGS)
      .map((tag) => printable(tag.name))
      .join(', '),
    text: shorten(image.text ?? '', textLength),
    faces: image.faces.length === 0 ? '' : String(image.faces.length),
    not: { tags: none('tags'), text: none('text'), faces: none('faces'), matches: none('matches') },
    matches: [...best.values()]
      .sort((one, other) => other.confidence - one.confidence)
      .map(({ url, confidence }) => `${nearName(url, image.imageUrl)} ${confidenceText(confidence)}`),
  };
}

/** Without the folder where both are in one: most matches are, and the name is what tells them apart. */
function nearName(url: string, from: string): string {
  const name = imageName(url);
  const own = imageName(from);
  const folder = own.slice(0, own.lastIndexOf('/') + 1);
  return folder !== '' && name.startsWith(folder) ? name.slice(folder.length) : name;
}

/** Codes only: the messages are in the row. */
function reasons({ reason, steps, warnings = [] }: StoredImage): string {
  if (reason) return printable(reason.code);
  const failed = Object.entries(steps)
    .filter(([, step]: [string, StepStanding]) => step.state === 'failed' || step.state === 'unavailable')
    .map(([name, step]) => `${name} ${printable(step.error?.code ?? step.state)}`);
  const warned = new Set(warnings.map((warning) => `but ${printable(warning.code)}`));
  return [...failed, ...warned].join(', ');
}
