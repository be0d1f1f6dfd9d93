import { tables } from '../../storage/names.ts';
import { type Place, type PlaceDeps, UNTIL_ERASED } from '../place.ts';
import { forEach } from '../subjects.ts';

const ROW = `table:${tables.journal}`;
const CLAIM = `table:${tables.jobIndex}`;

/** The journal, last of all: the mark in its rows is what stops steps that are still at work. */
export const journalRows = ({ journal }: PlaceDeps): Place => ({
  stores: [
    { name: ROW, holds: 'name and address of the image, every outcome and output', kept: UNTIL_ERASED },
    { name: CLAIM, holds: 'the batch of its job id', kept: UNTIL_ERASED },
  ],
  count: async ({ subjects }, look) => {
    let rows = 0;
    let claims = 0;
    await forEach(subjects, look, async ({ id, batchId }) => {
      const { row, claim } = await journal.presence(batchId, id);
      rows += Number(row);
      claims += Number(claim);
    });
    return { [ROW]: rows, [CLAIM]: claims };
  },
  erase: ({ subjects }, look) => forEach(subjects, look, ({ id, batchId }) => journal.remove(batchId, id)),
});
