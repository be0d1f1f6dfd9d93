import type { Page } from 'playwright-core';
import type {
  CandidateDetail,
  EnquiryDetail,
  FacePlace,
  ImageSummary,
  ReviewItem,
} from '../../../src/api/contract.ts';
import type { Asked } from '../page-alone.ts';

export const T = '2026-11-30T10:00:00.000Z';

export const place = (face: string): FacePlace => ({
  ...{ face, imageId: `i-${face}`, batchId: 'camp', name: `${face}.jpg`, hasCrop: false },
  ...{ rectangle: { left: 0, top: 0, width: 9, height: 9 }, imageWidth: 10, imageHeight: 10 },
});
export const shown = (face: string) => ({ ...place(face), quality: null, taken: null });
export const blind = (id: string, version = 1): CandidateDetail => ({
  ...{ id, enquiry: 'q', standing: 'secondLook', blind: true, score: null, model: null, margin: null },
  ...{ bestFace: `${id}-f`, ownFace: 'own', faces: 1, firstSeen: T, changedAt: T, version, worth: null },
  ...{ evidence: [{ own: 'own', other: `${id}-f`, confidence: null }], proposals: [], unlike: [], words: [] },
  ...{ group: [shown(`${id}-f`)], own: [shown('own')], ageGapYears: null },
});
export const enquiryOf = (more: Partial<EnquiryDetail> = {}): EnquiryDetail => ({
  ...{
    id: 'q',
    state: 'open',
    reason: null,
    caseReference: 'T-1',
    askedBy: null,
    sought: null,
    relation: null,
  },
  ...{
    owner: 'anna',
    office: null,
    purpose: 'tracing',
    legalBasis: 'public interest',
    expires: null,
    minor: true,
  },
  ...{ openedBy: 'anna', openedAt: T, changedAt: T, version: 1, next: ['closed'], batchId: '_enquiry/q' },
  ...{ photographs: [], candidates: 0, secondLook: 0 },
  ...more,
});
export const photograph = (
  status: 'done' | null,
  enrolled: boolean,
): EnquiryDetail['photographs'][number] => ({
  ...{ imageId: 'p', taken: null, addedBy: 'anna', addedAt: T, status },
  faces: [
    { face: 'own', rectangle: place('own').rectangle, hasCrop: false, quality: null, enrolled, sought: true },
  ],
});
export const pair = (name: string, confidence: number): ReviewItem => ({
  ...{ a: place(`${name}1`), b: place(`${name}2`), confidence, margin: null, copies: false, firstSeen: T },
  worth: { faces: 9, falseCandidates: null, atConfidence: null, source: null },
});
export const summary = (id: string, finishedAt: string): ImageSummary => ({
  ...{
    id,
    name: `${id}.jpg`,
    batchId: 'camp',
    status: 'done',
    reason: null,
    finishedAt,
    caption: null,
    tags: [],
  },
  ...{
    warningCodes: [],
    faceCount: 0,
    focus: null,
    facesLookedFor: true,
    matchCount: 0,
    width: 10,
    height: 10,
  },
});

export const until = <T>() => Promise.withResolvers<T>();
/** What was asked of one route, in its order. */
export const of = (asked: readonly Asked[], what: string) => asked.filter((one) => one.what === what);

/** Answers that are kept waiting until the test lets them go, in whatever order hurts. */
export class Held {
  readonly #waiting: Array<() => void> = [];
  /** Whether what is asked from now on waits. */
  on = true;

  /** For an answer to wait by. */
  async wait(): Promise<void> {
    if (this.on) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  get count(): number {
    return this.#waiting.length;
  }

  /** Those that wait; later ones do not. */
  letGo(): void {
    this.on = false;
    for (const go of this.#waiting.splice(0)) go();
  }
}

/** Waits until the page has drawn what it has. */
export const drawn = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
  });
