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
  return `~${base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')}`;
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

/** Addresses of the API. Query parameters are those of the operation's `query` schema. */
export const routes = {
  openapi: '/api/openapi.json',
  me: '/api/me',
  live: '/api/live',
  batches: '/api/batches',
  batch: (batchId: string) => `/api/batches/${pathId(batchId)}`,
  tags: '/api/tags',
  images: '/api/images',
  image: (id: string) => `/api/images/${pathId(id)}`,
  /** The upright working image, as browsers can show it. Face and text boxes are in its pixels. */
  imageContent: (id: string) => `/api/images/${pathId(id)}/content`,
  /** JPEG, at most 320 pixels wide and high: for grids. */
  imageThumbnail: (id: string) => `/api/images/${pathId(id)}/thumbnail`,
  /** The file as it was uploaded, as a download. */
  imageOriginal: (id: string) => `/api/images/${pathId(id)}/original`,
  imageRerun: (id: string) => `/api/images/${pathId(id)}/rerun`,
  faceCrop: (key: string) => `/api/faces/${pathId(key)}/crop`,
  faceMatches: (key: string) => `/api/faces/${pathId(key)}/matches`,
  faceSearch: '/api/face-search',
  decision: (face: string, otherFace: string) => `/api/matches/${pathId(face)}/${pathId(otherFace)}/decision`,
  review: '/api/review',
  uploads: '/api/uploads',
  pipeline: '/api/pipeline',
  queues: '/api/queues',
  failures: '/api/failures',
  throughput: '/api/throughput',
  deadLetters: '/api/dead-letters',
  deadLetter: (queue: string, id: string) => `/api/dead-letters/${pathId(queue)}/${pathId(id)}`,
  deadLetterReplay: (queue: string, id: string) => `/api/dead-letters/${pathId(queue)}/${pathId(id)}/replay`,
  audit: '/api/audit',
  auditVerification: '/api/audit/verification',
} as const;
