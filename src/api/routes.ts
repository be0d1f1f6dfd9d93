/** Where everything is, seen from the root of the host. No dependencies: the page's bundle may import it. */

/** The page and its built files. Below a folder of its own, so that no route of the host or of another function is shadowed. */
export const PAGE_ROOT = '/dashboard/';

/** Where calls with a function key come in, in front of an operation's own path. */
export const KEYED_PREFIX = 'machine/';

/**
 * An id as a part of a path: itself where it is harmless, else `~` and its base64url. Batches are virtual folders with
 * slashes in them, and messages posted by hand bring job ids of any form; hosts and proxies disagree about `%2F`.
 */
export function pathId(id: string): string {
  if (/^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}$/.test(id)) return id;
  const bytes = new TextEncoder().encode(id);
  const base64 = btoa(String.fromCharCode(...bytes));
  return `~${base64
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/={1,2}$/, '')}`;
}

/** The id that `pathId` made, or undefined where it made nothing like it. */
export function fromPathId(part: string): string | undefined {
  if (!part.startsWith('~')) return part;
  try {
    const binary = atob(part.slice(1).replaceAll('-', '+').replaceAll('_', '/'));
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(binary, (c) => c.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

/** Paths of the API, as the Functions host has them: without a slash in front, `{...}` where an id stands. */
export const paths = {
  openapi: 'api/openapi.json',
  me: 'api/me',
  live: 'api/live',
  batches: 'api/batches',
  batch: 'api/batches/{batch}',
  tags: 'api/tags',
  images: 'api/images',
  imageFacets: 'api/image-facets',
  image: 'api/images/{id}',
  /** The upright working image, as browsers can show it. Face and text boxes are in its pixels. */
  imageContent: 'api/images/{id}/content',
  /** JPEG, at most 320 pixels wide and high: for grids. */
  imageThumbnail: 'api/images/{id}/thumbnail',
  /** The file as it was uploaded, as a download. */
  imageOriginal: 'api/images/{id}/original',
  imageRerun: 'api/images/{id}/rerun',
  imageWhy: 'api/images/{id}/why',
  faceCrop: 'api/faces/{face}/crop',
  faceMatches: 'api/faces/{face}/matches',
  faceSearch: 'api/face-search',
  decision: 'api/matches/{face}/{other}/decision',
  review: 'api/review',
  /** Faces that are taken to be one person's, by decisions and by the machine's guess. */
  groups: 'api/groups',
  group: 'api/groups/{group}',
  groupOfFace: 'api/faces/{face}/group',
  split: 'api/splits',
  faceTaken: 'api/faces/{face}/taken',
  people: 'api/people',
  person: 'api/people/{person}',
  personFace: 'api/people/{person}/faces/{face}',
  personMerge: 'api/people/{person}/merge',
  decisions: 'api/decisions',
  decisionUndo: 'api/decisions/{decision}/undo',
  decisionsUndo: 'api/decision-undos',
  uploads: 'api/uploads',
  /** What follows is for a file that is too large for one request: how it is cut, its blocks, and that they are all. */
  uploadPlan: 'api/uploads/plan',
  uploadBlock: 'api/uploads/blocks/{block}',
  uploadCommit: 'api/uploads/commit',
  pipeline: 'api/pipeline',
  queues: 'api/queues',
  pause: 'api/pauses/{step}',
  troubles: 'api/troubles',
  queueStandings: 'api/queues/standings',
  status: 'api/status',
  stats: 'api/stats',
  failures: 'api/failures',
  throughput: 'api/throughput',
  deadLetters: 'api/dead-letters',
  deadLetter: 'api/dead-letters/{queue}/{letter}',
  deadLetterReplay: 'api/dead-letters/{queue}/{letter}/replay',
  enquiries: 'api/enquiries',
  enquiry: 'api/enquiries/{enquiry}',
  enquiryState: 'api/enquiries/{enquiry}/state',
  enquiryNotes: 'api/enquiries/{enquiry}/notes',
  enquiryEvents: 'api/enquiries/{enquiry}/events',
  enquiryPhotographs: 'api/enquiries/{enquiry}/photographs',
  enquiryFace: 'api/enquiries/{enquiry}/faces/{face}',
  enquiryCandidates: 'api/enquiries/{enquiry}/candidates',
  candidates: 'api/candidates',
  candidate: 'api/candidates/{candidate}',
  candidateWord: 'api/candidates/{candidate}/word',
  candidateWordUndo: 'api/candidate-words/{word}/undo',
  outbox: 'api/outbox',
  outboxAgain: 'api/outbox/{event}/again',
  /** Acts on many images or messages at once. */
  bulkActs: 'api/bulk-acts',
  bulkAct: 'api/bulk-acts/{act}',
  bulkStart: 'api/bulk-acts/{act}/start',
  bulkProceed: 'api/bulk-acts/{act}/proceed',
  bulkRows: 'api/bulk-acts/{act}/rows',
  deadLetterRecovery: 'api/dead-letters/recovery',
  /** What a match is worth here. */
  calibration: 'api/calibration',
  calibrations: 'api/calibrations',
  calibrationDraws: 'api/calibration/draws',
  drawnPairs: 'api/calibration/pairs',
  reviewers: 'api/calibration/reviewers',
  reviewersMe: 'api/calibration/reviewers/me',
  /** Models of recognition, side by side. */
  models: 'api/models',
  modelSwitch: 'api/models/switch',
  pfif: 'api/pfif',
  erasures: 'api/erasures',
  erasure: 'api/erasures/{receipt}',
  audit: 'api/audit',
  auditVerification: 'api/audit/verification',
} as const;

/** Paths that take files; what comes in elsewhere is small. A test compares them with the operations. */
export const FILE_PATHS: readonly string[] = [
  paths.uploads,
  paths.uploadBlock,
  paths.faceSearch,
  paths.enquiryPhotographs,
  paths.pfif,
];

/** An address for each id that a path has room for; the address itself where it has none. */
type Address<Path extends string> = Path extends `${string}{${string}}${string}`
  ? (...ids: Ids<Path>) => string
  : string;
type Ids<Path extends string> = Path extends `${string}{${string}}${infer Rest}`
  ? [string, ...Ids<Rest>]
  : [];

function addressOf(path: string): unknown {
  if (!path.includes('{')) return `/${path}`;
  return (...ids: string[]) => `/${path.replace(/\{\w+\}/g, () => pathId(ids.shift() ?? ''))}`;
}

/** Addresses of the API, for clients. Query parameters are those of the operation's `query` schema. */
export const routes = Object.fromEntries(
  Object.entries(paths).map(([name, path]) => [name, addressOf(path)]),
) as { readonly [Name in keyof typeof paths]: Address<(typeof paths)[Name]> };
