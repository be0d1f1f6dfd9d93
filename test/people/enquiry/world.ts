import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enquiryBatch } from '../../../src/domain/enquiry-batch.ts';
import { readSettings } from '../../../src/domain/settings.ts';
import { candidateFollower, type EnquiryParts, openEnquiries } from '../../../src/people/enquiry/open.ts';
import { People } from '../../../src/people/people.ts';
import { openResultStore } from '../../../src/results/open.ts';
import type { ResultFace, ResultMatch } from '../../../src/results/rows.ts';
import type { ResultStore } from '../../../src/results/store.ts';
import { box, image } from '../../results/fixtures.ts';

const START = Date.parse('2026-11-30T00:00:00Z');

const url = (batch: string, id: string) => `http://127.0.0.1:10000/store/inputimages/${batch}/${id}.jpg`;

/** A face of a photograph that looks like faces of others, as the gallery would say it. */
interface Like {
  photograph: string;
  confidence: number;
}

/** A result database with enquiries over it, as the app puts them together. */
export class EnquiryWorld {
  readonly folder: string | undefined;
  readonly store: ResultStore;
  readonly people: People;
  readonly parts: EnquiryParts;
  now = START;
  /** What chance draws: 0 asks for a second look at every first "different". */
  drawn = 0.99;
  readonly batches = new Map<string, string>();

  private constructor(folder: string | undefined, store: ResultStore, needed: 1 | 2) {
    const options = { needed };
    const clock = () => this.now;
    this.folder = folder;
    this.store = store;
    this.people = new People(store.database, {
      clock,
      figures: 'engine',
      followers: [candidateFollower(options)],
      alone: needed === 1,
    });
    this.parts = openEnquiries({
      ...{
        ...options,
        database: store.database,
        people: this.people,
        figuresOf: () => 'engine' as const,
        clock,
      },
      random: () => this.drawn,
      countFaces: () => store.counts.faces(),
    });
  }

  static async open({ needed = 2 }: { needed?: 1 | 2 } = {}): Promise<EnquiryWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'enquiries-'));
    const store = await openResultStore(readSettings({ SQLITE_PATH: join(folder, 'results.db') }));
    await store.migrate();
    return new EnquiryWorld(folder, store, needed);
  }

  /** The same over a migrated store of somebody else's, who closes it. */
  static over(store: ResultStore): EnquiryWorld {
    return new EnquiryWorld(undefined, store, 2);
  }

  async close(): Promise<void> {
    await this.store.close();
    if (this.folder !== undefined) await rm(this.folder, { recursive: true });
  }

  /** Opens an enquiry; its batch takes photographs from then on. */
  async enquiry(values: { expires?: string; askedBy?: string; sought?: string } = {}): Promise<string> {
    const terms = { purpose: 'tracing', legalBasis: 'public interest', minor: true };
    return (await this.parts.enquiries.open({ ...terms, ...values }, 'anna')).id;
  }

  /**
   * A photograph comes through the pipeline: it has one face, `<id>-0`, that is like those it was found to be like.
   *
   * @param batch of the archive, or that of an enquiry
   */
  async photograph(batch: string, id: string, likes: readonly Like[], given: { doNotMatch?: boolean } = {}) {
    this.batches.set(id, batch);
    this.now += 1000;
    const faces: ResultFace[] = [{ key: `${id}-0`, rectangle: box(10), enrolled: true, quality: 'high' }];
    const matches: ResultMatch[] = likes.map(({ photograph, confidence }) => ({
      face: `${id}-0`,
      otherFace: `${photograph}-0`,
      otherImage: photograph,
      otherImageUrl: url(this.batches.get(photograph) ?? 'camp', photograph),
      otherRectangle: box(10),
      confidence,
    }));
    const consent = given.doNotMatch ? { consent: { doNotMatch: true } } : {};
    await this.store.save(
      image(id, {
        batchId: batch,
        imageUrl: url(batch, id),
        faces,
        matches,
        ...consent,
        finishedAt: new Date(this.now).toISOString(),
      }),
    );
    await this.people.settle([id]);
  }

  /** Says where a photograph will be that is only named yet. */
  announce(batch: string, ...ids: readonly string[]): void {
    for (const id of ids) this.batches.set(id, batch);
  }

  async erase(...ids: readonly string[]): Promise<void> {
    await this.store.erasures.remove(ids, new AbortController().signal);
    const { enquiries } = this.store.erasures;
    for (const one of await enquiries.about(ids)) await this.parts.enquiries.refresh(one);
    await this.people.settleAll();
  }

  async say(candidate: string, word: 'same' | 'different' | 'later', by: string): Promise<void> {
    this.now += 1000;
    await this.parts.review.say(candidate, { word }, by);
  }

  /** Candidates of an enquiry by the faces of their group, whatever their ids. */
  async candidates(enquiry: string, reader = 'anna') {
    const list = await this.parts.candidates.list({ enquiry, limit: 100 }, reader);
    return Promise.all(
      list.map(async ({ id, standing, score, margin }) => {
        const detail = await this.parts.candidates.get(id, reader);
        const faces = (detail?.group ?? []).map(({ face }) => face);
        return { id, standing, score, margin, faces };
      }),
    );
  }

  /** The same without ids, to be compared. */
  async picture(enquiry: string, reader = 'anna') {
    const all = await this.candidates(enquiry, reader);
    // Of two as sure as each other the list has the one of the higher id first, and ids are random.
    const byFace = (a: string[], b: string[]) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1);
    return all
      .map(({ id: _, ...rest }) => rest)
      .sort((a, b) => (b.score ?? 0) - (a.score ?? 0) || byFace(a.faces, b.faces));
  }
}

export { enquiryBatch };
