import { IMAGE_TABLES } from '../../results/schema.ts';
import { type Place, type PlaceDeps, UNTIL_ERASED } from '../place.ts';

const HOLDS: Record<(typeof IMAGE_TABLES)[number], string> = {
  image_warning: 'what its row warns of, by code',
  image_word: 'words of its file name, batch, caption, tags and text',
  image_tag: 'its tags',
  image_category: 'its categories',
  image_step: 'how its steps ended',
  face_match: 'its possible matches, those that others reported included',
  match_decision: 'what people decided about its matches',
  bulk_item: 'that an act on many images is about it, until that act has ended',
  face: 'its faces: place, quality, attributes',
  pipeline_output: 'its row: address, caption, text, all outputs',
};

/** Every row about an image, and the counts it is in. */
export const resultRows = ({ results }: PlaceDeps): Place => ({
  stores: IMAGE_TABLES.map((table) => ({ name: `sql:${table}`, holds: HOLDS[table], kept: UNTIL_ERASED })),
  count: async ({ ids }) => {
    const found = await (await results()).erasures.count([...ids]);
    return Object.fromEntries(Object.entries(found).map(([table, rows]) => [`sql:${table}`, rows]));
  },
  erase: async ({ ids }, { signal }) => (await results()).erasures.remove([...ids], signal),
});
