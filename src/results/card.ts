import type { Row } from '../database/database.ts';
import { storableText } from '../database/sql.ts';
import { STEPS_OF } from '../domain/looked-for.ts';
import { LIMITS } from './limits.ts';
import { isoTime } from './normal-forms.ts';
import type { ImageResult, ImageStatus, ImageSummary } from './rows.ts';

/** Tags of an image in a list: as many as a card can show. */
const TAGS_SHOWN = 12;

/** What a list shows of an image, but for its matches, which others change. */
export type Card = Omit<ImageSummary, 'matchCount'>;

/** What a card is made of: as the tables have it. */
interface CardParts {
  /** Columns of `pipeline_output`. */
  row: Row;
  tags: readonly Row[];
  warnings: readonly Row[];
  /** Whether the step that looks for faces was done. */
  lookedForFaces: boolean;
  /** What its faces span; absent where there is none. */
  faces: Row | undefined;
}

export function toCard({ row, tags, warnings, lookedForFaces, faces }: CardParts): Card {
  const here = row.status === 'done' || row.status === 'partial';
  const focus = focusOf(row, faces);
  return {
    id: row.id as string,
    batchId: row.batch_id as string,
    imageUrl: row.image_url as string,
    status: row.status as ImageStatus,
    ...(row.reason_code !== null && {
      reason: { code: row.reason_code as string, message: (row.reason as string | null) ?? '' },
    }),
    ...(row.width !== null && { width: row.width as number }),
    ...(row.height !== null && { height: row.height as number }),
    ...(row.caption !== null && { caption: row.caption as string }),
    tags: tags
      .map(({ name, confidence }) => ({ name: name as string, confidence: confidence as number }))
      .sort((one, two) => two.confidence - one.confidence || (one.name < two.name ? -1 : 1))
      .slice(0, TAGS_SHOWN),
    warningCodes: warnings.map(({ code }) => storableText(code as string)).sort(),
    faceCount: row.face_count as number,
    ...(focus && { focus }),
    facesLookedFor: (row.face_count as number) > 0 || (here && lookedForFaces),
    finishedAt: row.timestamp as string,
  };
}

/** The middle of what the faces span, within the picture whatever a detector said. */
function focusOf({ width, height }: Row, faces: Row | undefined): { x: number; y: number } | undefined {
  if (faces === undefined || !(Number(width) > 0) || !(Number(height) > 0)) return undefined;
  const middle = (axis: 'x' | 'y', whole: unknown) =>
    Math.min(
      1,
      Math.max(0, (Number(faces[`first_${axis}`]) + Number(faces[`last_${axis}`])) / 2 / Number(whole)),
    );
  return { x: middle('x', width), y: middle('y', height) };
}

/** The card of an image as it is being saved: what the tables will have of it. */
export function cardOf(result: ImageResult, children: Pick<CardParts, 'tags' | 'warnings'>): Card {
  const stored = (value: string | undefined) => (value === undefined ? null : storableText(value));
  const spans = result.faces.map(({ rectangle }) => rectangle);
  return toCard({
    ...children,
    row: {
      ...{ id: storableText(result.id), batch_id: storableText(result.batchId), status: result.status },
      ...{ image_url: storableText(result.imageUrl), face_count: result.faces.length },
      ...{ width: result.width ?? null, height: result.height ?? null, caption: stored(result.caption) },
      ...{
        reason_code: stored(result.reason?.code.slice(0, LIMITS.code)),
        reason: stored(result.reason?.message),
      },
      timestamp: isoTime(result.finishedAt),
    },
    lookedForFaces: result.steps[STEPS_OF.faces[0]]?.state === 'done',
    faces:
      spans.length === 0
        ? undefined
        : {
            first_x: Math.min(...spans.map(({ left }) => left)),
            last_x: Math.max(...spans.map(({ left, width }) => left + width)),
            first_y: Math.min(...spans.map(({ top }) => top)),
            last_y: Math.max(...spans.map(({ top, height }) => top + height)),
          },
  });
}

/** As it is kept: without what stands beside it. */
export const cardText = ({ id: _, finishedAt: __, ...shown }: Card): string => JSON.stringify(shown);

/** @param row of `image_card` */
export const cardIn = ({ image_id, timestamp, card }: Row): Card => ({
  ...(JSON.parse(card as string) as Omit<Card, 'id' | 'finishedAt'>),
  id: image_id as string,
  finishedAt: timestamp as string,
});
