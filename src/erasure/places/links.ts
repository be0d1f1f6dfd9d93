import { picturesOf } from '../../pipeline/journal/job-links.ts';
import { containers, tables } from '../../storage/names.ts';
import { type Place, type PlaceDeps, UNTIL_ERASED } from '../place.ts';
import { forEach, type Subject, sumOf } from '../subjects.ts';

const NAME = `table:${tables.jobLinks}`;

const pictures = ({ source, imageUrl }: Subject): string[] =>
  picturesOf({ imageUrl, source: source ?? { container: containers.input, name: imageUrl, etag: '' } });

/** What leads to an image's jobs, and to those that mention it: once nothing has to be found by it any more. */
export const links = ({ journal }: PlaceDeps): Place => ({
  stores: [
    { name: NAME, holds: 'its blob name with its job id; ids of jobs that mention it', kept: UNTIL_ERASED },
  ],
  count: async ({ subjects }, look) => ({
    [NAME]: await sumOf(subjects, look, (subject) => journal.links.count(subject.id, pictures(subject))),
  }),
  erase: ({ subjects }, look) =>
    forEach(subjects, look, (subject) => journal.links.remove(subject.id, pictures(subject))),
});
