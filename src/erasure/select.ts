import { enquiryBatch } from '../domain/enquiry-batch.ts';
import { batchOf, jobIdOf } from '../domain/job-id.ts';
import type { JobSource } from '../pipeline/journal/journal-row.ts';
import type { FoundImage } from '../results/erasure.ts';
import { containers } from '../storage/names.ts';
import { jobKeyOf } from '../vision/gallery/face-index.ts';
import type { PlaceDeps } from './place.ts';
import { ErasureRefusedError, type ErasureRequest, type RetentionRules } from './request.ts';
import { enquirySubject, personSubject, type Subject } from './subjects.ts';

/** Most images that one erasure of what is too old takes: it is asked again until nothing is left. */
const MAX_AT_ONCE = 500;

const PAGE = 1000;

type Deps = Pick<PlaceDeps, 'journal' | 'storage' | 'results' | 'people'>;

/**
 * The images that a request is about: of jobs, of blobs that have none yet, and of rows whose job is no more. Changes
 * nothing.
 *
 * @throws {ErasureRefusedError} where a face is not known, or not confirmed as the same
 */
export async function select(request: ErasureRequest, deps: Deps, signal: AbortSignal): Promise<Subject[]> {
  const found = new Map<string, Subject>();
  const add = (subject: Subject) => found.set(subject.id, found.get(subject.id) ?? subject);
  for await (const subject of subjectsOf(request, deps)) {
    signal.throwIfAborted();
    add(subject);
    if (request.kind === 'retention' && found.size >= MAX_AT_ONCE) break;
  }
  for (const subject of await sharersOf([...found.values()], deps.journal)) add(subject);
  return [...found.values()];
}

function subjectsOf(request: ErasureRequest, deps: Deps): AsyncIterable<Subject> {
  switch (request.kind) {
    case 'image':
      return ofImage(request.image, deps);
    case 'batch':
      return ofBatch(request.batch, deps);
    case 'face':
      return ofFaces([request.face, ...request.with], request.face, deps);
    case 'enquiry':
      return ofEnquiry(request.enquiry, deps);
    case 'person':
      return ofPersons(request.persons, deps);
    case 'selection':
      return ofSelection(request.selection, deps);
    case 'retention':
      return tooOld(request.rules, Date.parse(request.now), deps);
  }
}

const toSubject = ({ id, batchId, imageUrl, source }: JobSource): Subject => ({
  id,
  batchId,
  imageUrl,
  source,
});

async function* ofImage(asked: string, deps: Deps): AsyncGenerator<Subject> {
  const byId = await ofId(asked, deps);
  if (byId) {
    yield byId;
    return;
  }
  const { storage, journal } = deps;
  const own = storage.blobs.nameIn(containers.input, asked);
  // A foreign image is known by its address alone: each of its jobs has a copy of its own.
  if (own === undefined && URL.canParse(asked))
    for await (const job of journal.sources({ imageUrl: asked })) yield toSubject(job);
  const name = own ?? asked;
  for await (const job of journal.sources({ name })) yield toSubject(job);
  const head = await storage.blobs.head(containers.input, name);
  if (head) yield blobSubject(name, head.etag, deps);
}

async function ofId(id: string, { journal, results }: Deps): Promise<Subject | undefined> {
  const batchId = await journal.batchOf(id);
  const job = batchId === undefined ? undefined : (await journal.read(batchId, id))?.job;
  if (job) return toSubject(job);
  const row = await (await results()).get(id);
  return row && { id: row.id, batchId: row.batchId, imageUrl: row.imageUrl };
}

/** A version of a blob, whether it has a job or not. */
function blobSubject(name: string, etag: string, { storage }: Deps): Subject {
  const container = containers.input;
  return {
    id: jobIdOf(container, name, etag),
    batchId: batchOf(name),
    imageUrl: storage.blobs.url(container, name),
    source: { container, name, etag },
  };
}

async function* ofBatch(batch: string, deps: Deps): AsyncGenerator<Subject> {
  for await (const job of deps.journal.sources({ batchId: batch })) yield toSubject(job);
  // The folder's own name begins the names in it, but for the batch of what is in no folder and for very long ones.
  const prefix = batch === 'default' || batch.includes('~') ? '' : `${batch}/`;
  for await (const { name, etag } of deps.storage.blobs.list(containers.input, prefix))
    if (batchOf(name) === batch) yield blobSubject(name, etag, deps);
  for await (const { finishedAt: _, ...row } of rowsOf({ batchId: batch }, deps)) yield row;
}

/** The enquiry itself stands among its photographs, so that its rows are found as long as any is left. */
async function* ofEnquiry(enquiry: string, deps: Deps): AsyncGenerator<Subject> {
  const batch = enquiryBatch(enquiry);
  yield* ofBatch(batch, deps);
  const { enquiries } = (await deps.results()).erasures;
  if (await enquiries.isThere(enquiry)) yield enquirySubject(enquiry);
}

async function* ofPersons(ids: readonly string[], deps: Deps): AsyncGenerator<Subject> {
  const { persons } = await deps.people();
  for (const id of new Set(ids)) {
    const found = await persons.traces([id]);
    if (Object.values(found).some((rows) => rows > 0)) yield personSubject(id);
  }
}

async function* ofSelection(selection: string, deps: Deps): AsyncGenerator<Subject> {
  const { bulk } = await deps.results();
  for (let from = 0; ; ) {
    const page = await bulk.items(selection, { from, limit: PAGE });
    for (const { item } of page) {
      const subject = await ofId(item, deps);
      if (subject) yield subject;
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    from = last.position + 1;
  }
}

async function* rowsOf(
  where: { batchId: string } | { before: string },
  { results }: Deps,
): AsyncGenerator<Subject & { finishedAt: string }> {
  const { erasures } = await results();
  for (let after: FoundImage | undefined; ; ) {
    const page = await erasures.find(where, { limit: PAGE, ...(after && { after }) });
    yield* page;
    after = page.at(-1);
    if (page.length < PAGE) return;
  }
}

async function* ofFaces(faces: readonly string[], first: string, deps: Deps): AsyncGenerator<Subject> {
  const confirmed = new Set([first, ...(await confirmedWith(first, deps))]);
  for (const face of new Set(faces)) {
    if (!confirmed.has(face)) {
      throw new ErasureRefusedError(
        'NotConfirmed',
        `The face ${face} was not confirmed as the same person as ${first}: decide the match first, or erase that face by itself.`,
      );
    }
    const subject = await ofFace(face, deps);
    if (subject) yield subject;
    else if (face === first) throw new ErasureRefusedError('UnknownFace', `There is no face ${face}.`);
  }
}

async function ofFace(face: string, deps: Deps): Promise<Subject | undefined> {
  const [place] = await (await deps.results()).faces([face]);
  return ofId(place?.imageId ?? jobKeyOf(face), deps);
}

/**
 * Faces that people confirmed as the same person as this one, directly or by way of another; what the machine has joined to
 * them is not among them, and none is where decisions contradict each other.
 */
export const confirmedWith = async (face: string, { people }: Pick<Deps, 'people'>): Promise<string[]> =>
  (await people()).groups.decidedSame(face);

/** Days a batch is kept, or undefined where it is kept until erased. */
export function daysOf(batchId: string, { days, byBatch }: RetentionRules): number | undefined {
  const fitting = byBatch.filter(({ prefix }) => batchId.startsWith(prefix));
  return fitting.sort((a, b) => b.prefix.length - a.prefix.length)[0]?.days ?? days;
}

const DAY_MS = 24 * 3600 * 1000;

async function* tooOld(rules: RetentionRules, now: number, deps: Deps): AsyncGenerator<Subject> {
  const isOver = (batchId: string, since: number) => {
    const days = daysOf(batchId, rules);
    return days !== undefined && now - since >= days * DAY_MS;
  };
  const least = Math.min(
    ...[rules.days, ...rules.byBatch.map(({ days }) => days)].filter((one) => one !== undefined),
  );
  const before = new Date(now - least * DAY_MS).toISOString();
  for await (const job of admittedBefore(before, isOver, deps.journal))
    if (isOver(job.batchId, Date.parse(job.admittedAt))) yield toSubject(job);
  // Rows without a job are as old as they are; those of a job that lives on were rerun, or wait for their time.
  for await (const { finishedAt, ...row } of rowsOf({ before }, deps)) {
    if (!isOver(row.batchId, Date.parse(finishedAt))) continue;
    const batchId = await deps.journal.batchOf(row.id);
    if (batchId === undefined || !(await deps.journal.read(batchId, row.id))) yield row;
  }
}

/** The jobs that may be that old; all of them where the journal of an older version has no links by day yet. */
async function* admittedBefore(
  before: string,
  isOver: (batchId: string, since: number) => boolean,
  journal: Deps['journal'],
): AsyncGenerator<JobSource> {
  if (!(await journal.links.isDated())) {
    yield* journal.sources();
    return;
  }
  for await (const { id, batchId, day } of journal.links.days.admittedBefore(before)) {
    // Of those that are kept longer than others nothing is read.
    if (!isOver(batchId, Date.parse(day))) continue;
    const entry = await journal.read(batchId, id);
    if (entry) yield entry.job;
  }
}

/** Other jobs of the very same version of a picture, in whatever batch: posted by hand, say. */
async function sharersOf(subjects: readonly Subject[], journal: Deps['journal']): Promise<Subject[]> {
  const versions = new Set<string>();
  for (const subject of subjects) versions.add(versionOf(subject) ?? '');
  versions.delete('');
  if (versions.size === 0) return [];
  const [only] = subjects.length === 1 ? subjects : [];
  const among = only && (isCopy(only) ? { imageUrl: only.imageUrl } : { name: only.source?.name ?? '' });
  const sharers: Subject[] = [];
  for await (const job of journal.sources(among)) {
    const subject = toSubject(job);
    if (versions.has(versionOf(subject) ?? '')) sharers.push(subject);
  }
  return sharers;
}

const isCopy = ({ source }: Subject): boolean => source?.container === containers.renditions;

/** The same for every job of the same picture; undefined where there is none. */
function versionOf(subject: Subject): string | undefined {
  const { source, imageUrl } = subject;
  if (isCopy(subject)) return `copy\n${imageUrl}`;
  return source && source.etag !== '' ? [source.container, source.name, source.etag].join('\n') : undefined;
}
