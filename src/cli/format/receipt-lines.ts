import type { ErasurePlan } from '../../erasure/eraser.ts';
import type { Receipt } from '../../erasure/receipt.ts';
import { count } from './count.ts';
import { imageName } from './image-name.ts';
import { table } from './table.ts';

/** What a receipt counts, where it is no images. */
const COUNTED: Partial<Record<Receipt['kind'], string>> = { faceprints: 'face', person: 'person record' };

/** Images named one by one; the rest are counted. */
const SHOWN = 20;

/** @param confirmed faces confirmed as the same person that the request leaves out */
export function planLines({ subjects, found }: ErasurePlan, confirmed: readonly string[]): string[] {
  if (subjects.length === 0) return ['There is nothing about it.'];
  const more = subjects.length - SHOWN;
  const stores = Object.entries(found).filter(([, number]) => number > 0);
  return [
    ...subjects.slice(0, SHOWN).map(({ imageUrl, id }) => `${imageName(imageUrl)}  ${id}`),
    ...(more > 0 ? [`... and ${count(more, 'more image')}.`] : []),
    table(
      ['place', 'found'],
      stores.map(([store, number]) => [store, String(number)]),
    ),
    ...(found['sql:face'] ? [`${count(found['sql:face'], 'face')} in all.`] : []),
    'Messages in queues cannot be searched: those of an erased image are discarded on delivery.',
    ...(confirmed.length > 0
      ? [`Confirmed as the same person, and left out unless you name them by --with: ${confirmed.join(' ')}`]
      : []),
  ];
}

export function receiptLines(receipt: Receipt): string[] {
  const { id, kind, state, images, askedBy, askedAt, erasedAt, finalAt, stores, queues } = receipt;
  const open = queues.filter(({ confirmed }) => !confirmed);
  return [
    `Receipt ${id}: ${kind}, ${count(images, COUNTED[kind] ?? 'image')}, ${state}`,
    `asked by ${askedBy} at ${askedAt}${erasedAt ? `, erased at ${erasedAt}` : ''}${finalAt ? `, final at ${finalAt}` : ''}`,
    `SHA-256 of the ids: ${receipt.idsHash}`,
    table(
      ['place', 'found', 'deleted', 'remaining', ''],
      stores.map((one) => [
        one.store,
        String(one.found),
        String(one.deleted),
        String(one.remaining ?? 'unknown'),
        one.why ?? '',
      ]),
    ),
    ...(open.length > 0
      ? [`Not seen empty, messages are discarded on delivery: ${open.map(({ queue }) => queue).join(', ')}`]
      : []),
    'What no program can erase:',
    ...receipt.beyond.map(({ what, until }) => `  ${what}: until ${until}`),
    ...(state === 'final' ? [] : [stateLine(receipt)]),
  ];
}

const WHO_GOES_ON = 'the timer goes on with it, or the same command.';

function stateLine({ state, settlesAt, sweep }: Receipt): string {
  if (state === 'running') return `It is not through: ${WHO_GOES_ON}`;
  return sweep === undefined
    ? `It is counted once more from ${settlesAt} on, when every step that was at work must have ended, by the next sweep through everything: ${WHO_GOES_ON}`
    : `It waits for sweep ${sweep}, the look through everything that it shares with other erasures of its time: ${WHO_GOES_ON}`;
}
