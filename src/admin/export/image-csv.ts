import { lookedFor } from '../../domain/looked-for.ts';
import type { StoredImage } from '../../results/rows.ts';
import { csvLine } from './csv.ts';

type Cell = string | number | undefined;

/** The columns of `export --format csv`: one row per image, lists in one cell. */
const COLUMNS: Readonly<Record<string, (image: StoredImage) => Cell>> = {
  id: ({ id }) => id,
  batch_id: ({ batchId }) => batchId,
  image_url: ({ imageUrl }) => imageUrl,
  status: ({ status }) => status,
  reason: ({ reason }) => reason?.code,
  finished_at: ({ finishedAt }) => finishedAt,
  width: ({ width }) => width,
  height: ({ height }) => height,
  bytes: ({ bytes }) => bytes,
  caption: ({ caption }) => caption,
  tags: ({ tags }) => tags.map(({ name }) => name).join('; '),
  text: ({ text }) => text,
  // Empty where nobody looked: 0 says that none was found.
  faces: (image) =>
    image.faces.length > 0 || lookedFor(image).faces.state === 'looked' ? image.faces.length : '',
  matches: ({ matches }) =>
    matches.map(({ otherImageUrl, confidence }) => `${otherImageUrl} (${confidence.toFixed(2)})`).join('; '),
  purpose: ({ consent }) => consent?.purpose,
  legal_basis: ({ consent }) => consent?.legalBasis,
  expires: ({ consent }) => consent?.expires,
  do_not_match: ({ consent }) => (consent?.doNotMatch ? 'yes' : ''),
  warnings: ({ warnings }) => (warnings ?? []).map(({ code }) => code).join('; '),
  errors: ({ steps }) =>
    Object.entries(steps)
      .filter(([, { state }]) => state !== 'done')
      .map(([step, { state, error }]) => `${step} ${state} ${error?.code ?? ''}`.trim())
      .join('; '),
};

export const imageCsvHead = (): string => Object.keys(COLUMNS).join(',');
export const imageCsv = (image: StoredImage): string =>
  csvLine(Object.values(COLUMNS).map((cell) => cell(image)));
