import { silentLog } from '../../../src/domain/ports.ts';

/** Handlers by themselves: what they ask for, and what they make of the answer. */
export const { signal } = new AbortController();
export const T = '2026-01-01T00:00:00.000Z';
export const NOW = Date.parse(T);
export const ANN = { name: 'ann', role: 'operator', local: false, signedIn: true };
export type Any = (call: never) => Promise<unknown>;

/** Calls a handler. @returns its answer, and all that the app was asked to do */
export async function call(handler: unknown, app: (did: unknown[]) => object, more: object = {}) {
  const did: unknown[] = [];
  const audit = {
    record: async ({ who, action, about, detail }: Record<string, unknown>) =>
      did.push([who, action, about, detail]),
  };
  const base = {
    audit,
    clock: () => NOW,
    telling: { nudge: () => did.push('nudged'), kind: async () => 'webhook' },
  };
  const given = {
    app: { ...base, ...app(did) },
    person: ANN,
    query: {},
    params: {},
    body: {},
    log: silentLog,
    signal,
  };
  const answer = await (handler as Any)({ ...given, ...more } as never);
  return { answer: answer as Record<string, never>, did };
}
export const page =
  (did: unknown[], found: object[]) =>
  async (query: object, ...rest: unknown[]) => {
    did.push(rest.length > 0 ? [query, ...rest] : query);
    return found;
  };
export const cursorOf = (next: unknown): unknown =>
  next === null ? null : JSON.parse(Buffer.from(String(next), 'base64url').toString());

export const decision = {
  id: 'd',
  kind: 'same',
  faces: ['a', 'b'],
  images: ['x', 'y'],
  persons: [],
  by: 'ann',
  at: T,
  blind: false,
};
export const entry = {
  ...decision,
  candidate: null,
  enquiry: null,
  reason: null,
  score: null,
  model: null,
  supersedes: null,
};
export const group = (id: string, more: object = {}) => ({
  id,
  faces: 3,
  decided: 1,
  contested: false,
  lead: 'f',
  ...more,
});
export const groupView = (id: string) => ({ ...group(id), person: null });
export const place = (face: string, more: object = {}) => ({
  ...{ face, imageId: `i-${face}`, imageUrl: `http://h/store/inputimages/camp/${face}.jpg`, batchId: 'camp' },
  ...{ rectangle: { left: 1, top: 2, width: 3, height: 4 }, ...more },
});
export const placeView = (face: string, more: object = {}) => ({
  ...{ face, imageId: `i-${face}`, batchId: 'camp', name: `${face}.jpg`, rectangle: place(face).rectangle },
  ...{ hasCrop: false, imageWidth: null, imageHeight: null, ...more },
});
export const person = { id: 'p', fullName: 'Amal', version: 1 };
export const enquiry = {
  id: 'e',
  state: 'open',
  purpose: 'p',
  legalBasis: 'l',
  minor: true,
  openedBy: 'ann',
  openedAt: T,
  changedAt: T,
  version: 2,
};
export const enquiryView = {
  ...enquiry,
  ...{
    reason: null,
    caseReference: null,
    askedBy: null,
    sought: null,
    relation: null,
    owner: null,
    office: null,
    expires: null,
  },
  next: ['closed', 'withdrawn'],
};
export const candidate = {
  id: 'c',
  enquiry: 'e',
  standing: 'open',
  blind: false,
  bestFace: 'f',
  faces: 1,
  firstSeen: T,
  changedAt: T,
  version: 1,
};
export const candidateView = { ...candidate, score: null, margin: null, model: null, ownFace: null };
export const event = {
  id: 'v',
  type: 'proposed',
  enquiry: 'e',
  candidate: 'c',
  at: T,
  state: 'waiting',
  sent: 0,
  nextAt: T,
};
export const letter = {
  id: 'l',
  queue: 'ocr',
  error: { code: 'X', message: 'x' },
  times: 1,
  firstSeen: T,
  lastSeen: T,
};
export const kept = {
  id: 'k',
  at: T,
  by: 'ann',
  model: 'm',
  seed: 1,
  result: { faces: 10, rates: [], chances: [], groups: [], ageGaps: [] },
};

export const calibrated = (did: unknown[], found: object[], more: object = {}) => ({
  results: async () => ({ counts: { faces: async () => 100 } }),
  calibration: async () => ({ ledger: { list: page(did, found), ...more }, model: 'm', threshold: 0.5 }),
  settings: {},
});
export const withPeople = (people: object) => ({ people: async () => people });
export const groupsApp = (did: unknown[], found: object[]) =>
  withPeople({
    groups: {
      list: page(did, found),
      someFaces: async (of: { id: string }[], limit: number) => {
        did.push(limit);
        return new Map(of.map(({ id }) => [id, [place('f', { decided: true })]]));
      },
      threshold: async (batch?: string) => ({
        faces: 50,
        ...(batch !== undefined && { confidence: 0.43 }),
        basis: 'none',
      }),
    },
  });

/** Writes down what was asked. @returns the answer to it */
export function noted<T>(did: unknown[], asked: unknown, answer: T): T {
  did.push(asked);
  return answer;
}
