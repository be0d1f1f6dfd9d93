import type { Dialect } from '../database/database.ts';
import { type Columns, insertRows, type Sql, storableText, type Values } from '../database/sql.ts';
import { fileName } from '../domain/file-name.ts';
import { bucketOf, NO_BUCKET } from '../domain/latency-bucket.ts';
import { cardOf, cardText } from './card.ts';
import { categoriesIn } from './categories.ts';
import { LIMITS } from './limits.ts';
import { isoTime, tagName } from './normal-forms.ts';
import type { ImageResult } from './rows.ts';
import type { ResultTable } from './table.ts';
import { indexEntries } from './words.ts';

/** A table whose rows belong to one image each, by `image_id`, and are replaced whenever the image is saved. */
interface ImageChild<C extends Columns = Columns> extends ResultTable {
  /** What a save writes beside `image_id`. */
  readonly columns: C;
  rows(result: ImageResult): Values<C>[];
}

/** A function only so that its types are inferred and checked. */
const child = <C extends Columns>(
  table: Omit<ImageChild<C>, 'images'>,
): ImageChild<C> & { images: readonly ['image_id'] } => ({ ...table, images: ['image_id'] });

/** Statements that insert an image's rows. */
export function insertChildren<C extends Columns>(
  { name, columns }: Pick<ImageChild<C>, 'name' | 'columns'>,
  imageId: string,
  rows: readonly Values<C>[],
  dialect: Dialect,
): Sql[] {
  const withImage: Columns = { image_id: 'text', ...columns };
  return insertRows(
    name,
    withImage,
    rows.map((row) => ({ image_id: imageId, ...row })),
    dialect,
  );
}

/** Names in their normal form, each with its best figure. */
function best(named: readonly { name: string; value: number }[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { name, value } of named) {
    const key = storableText(tagName(name));
    if (key !== '') found.set(key, Math.max(value, found.get(key) ?? 0));
  }
  return found;
}

/** Categories of an image by their name as it is stored, with their scores. */
export const categoriesOf = ({ categories }: ImageResult): Map<string, number> =>
  best(categoriesIn(categories).map(({ name, score }) => ({ name, value: score })));

/** Tags of an image by their name as it is stored, with their confidence. */
export const tagsOf = ({ tags }: ImageResult): Map<string, number> =>
  best(tags.map(({ name, confidence }) => ({ name, value: confidence })));

/** How the steps of an image ended, as it is stored. */
export const stepsOf = ({ steps }: ImageResult) =>
  Object.entries(steps).map(([step, { state, error, attempts, ms }]) => ({
    step: storableText(step.slice(0, LIMITS.step)),
    state: state as string,
    code: storableText(error?.code.slice(0, LIMITS.code) ?? ''),
    attempts,
    took: ms === undefined ? NO_BUCKET : bucketOf(ms),
  }));

const steps = child({
  name: 'image_step',
  key: ['image_id', 'step'],
  holds: 'how its steps ended',
  columns: {
    ...{ step: 'text', state: 'text', error_code: 'text', error_message: 'text', attempts: 'int' },
    ...{ took: 'int', timestamp: 'text' },
  },
  rows: (result) => {
    const messages = Object.values(result.steps).map(({ error }) => error?.message);
    return stepsOf(result).map(({ code, ...of }, index) => ({
      ...of,
      error_code: code === '' ? null : code,
      error_message: messages[index],
      // Images are sought by these two alone.
      timestamp: of.state === 'failed' || of.state === 'skipped' ? isoTime(result.finishedAt) : null,
    }));
  },
});

const warnings = child({
  name: 'image_warning',
  key: ['image_id', 'code'],
  holds: 'what its row warns of, by code',
  columns: { code: 'text', timestamp: 'text' },
  rows: ({ warnings = [], finishedAt }) =>
    [...new Set(warnings.map(({ code }) => code.slice(0, LIMITS.code)))].map((code) => ({
      code,
      timestamp: isoTime(finishedAt),
    })),
});

const tags = child({
  name: 'image_tag',
  key: ['image_id', 'name'],
  holds: 'its tags',
  columns: { name: 'text', confidence: 'float', timestamp: 'text' },
  rows: (result) =>
    [...tagsOf(result)].map(([name, confidence]) => ({
      name,
      confidence,
      timestamp: isoTime(result.finishedAt),
    })),
});

const categories = child({
  name: 'image_category',
  key: ['image_id', 'name'],
  holds: 'its categories',
  columns: { name: 'text', score: 'float', timestamp: 'text' },
  rows: (result) =>
    [...categoriesOf(result)].map(([name, score]) => ({
      name,
      score,
      timestamp: isoTime(result.finishedAt),
    })),
});

/** All that an image is found by in words: what it is called first, for of a very long text only the beginning counts. */
export const textsOf = ({
  batchId,
  imageUrl,
  tags,
  caption,
  text,
}: Pick<ImageResult, 'batchId' | 'imageUrl' | 'tags' | 'caption' | 'text'>): string[] => [
  fileName(imageUrl),
  batchId,
  ...tags.map(({ name }) => name),
  caption ?? '',
  text ?? '',
];

const wordColumns = { word: 'text', timestamp: 'text', folded: 'int' } as const;

/** The search words of texts, as rows of an image that was written at `timestamp`. */
export const wordRows = (texts: readonly string[], timestamp: string): Values<typeof wordColumns>[] =>
  [...indexEntries(texts)].map(([word, folded]) => ({ word, timestamp, folded: folded ? 1 : 0 }));

export const words = child({
  name: 'image_word',
  key: ['image_id', 'word'],
  holds: 'words of its file name, batch, caption, tags and text',
  columns: wordColumns,
  rows: (result) => wordRows(textsOf(result), isoTime(result.finishedAt)),
});

const faces = child({
  name: 'face',
  key: ['face_key'],
  holds: 'its faces: place, quality, attributes',
  columns: {
    face_key: 'text',
    position: 'int',
    rect_left: 'float',
    rect_top: 'float',
    rect_width: 'float',
    rect_height: 'float',
    crop: 'text',
    quality: 'text',
    attributes: 'text',
    enrolled: 'int',
  },
  rows: ({ faces }) =>
    faces.map((face, position) => ({
      face_key: face.key,
      position,
      rect_left: face.rectangle.left,
      rect_top: face.rectangle.top,
      rect_width: face.rectangle.width,
      rect_height: face.rectangle.height,
      crop: face.crop,
      quality: face.quality?.slice(0, 40),
      attributes: JSON.stringify(face.attributes),
      enrolled: face.enrolled ? 1 : 0,
    })),
});

const cards = child({
  name: 'image_card',
  key: ['timestamp', 'image_id'],
  holds: 'what a list shows of it: address, caption, tags, where its faces are',
  columns: { timestamp: 'text', card: 'text' },
  rows: (result) => [
    {
      timestamp: isoTime(result.finishedAt),
      card: cardText(cardOf(result, { tags: tags.rows(result), warnings: warnings.rows(result) })),
    },
  ],
});

/** In the order in which a save empties and fills them: one order for all who lock their rows. */
export const IMAGE_CHILDREN: readonly ImageChild[] = [
  steps,
  warnings,
  tags,
  categories,
  words,
  faces,
  cards,
] as readonly ImageChild[];
