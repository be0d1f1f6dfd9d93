import { createHash } from 'node:crypto';

/** Days by batch: of the longest prefix that a batch's id begins with, else `days`. */
export interface RetentionRules {
  readonly days?: number;
  readonly byBatch: readonly { readonly prefix: string; readonly days: number }[];
}

/** What is to be erased. */
export type ErasureRequest =
  /** A picture: by blob name or address all its versions, by job id the one version, whichever jobs it had. */
  | { readonly kind: 'image'; readonly image: string }
  /** Everything that is in a batch at this moment. */
  | { readonly kind: 'batch'; readonly batch: string }
  /** A person: the photographs that show this face, and those that show faces confirmed as the same and named here. */
  | { readonly kind: 'face'; readonly face: string; readonly with: readonly string[] }
  /** Who is looked for: an enquiry with its photographs, its candidates and what was told of them. */
  | { readonly kind: 'enquiry'; readonly enquiry: string }
  /** Persons: their names and what was decided about them; photographs stay. Ids. */
  | { readonly kind: 'person'; readonly persons: readonly string[] }
  /** The images of an act on many, exactly as they were listed: by the id of that act. */
  | { readonly kind: 'selection'; readonly selection: string }
  /** What is older than was decided, some of it: asked again until nothing is left. */
  | { readonly kind: 'retention'; readonly now: string; readonly rules: RetentionRules };

/** The same for the same request, whoever asks and when: an unfinished erasure is found again by it. */
export function hashOfRequest(request: ErasureRequest): string {
  const what =
    request.kind === 'image'
      ? [request.image]
      : request.kind === 'batch'
        ? [request.batch]
        : request.kind === 'enquiry'
          ? [request.enquiry]
          : request.kind === 'face'
            ? [request.face, ...[...request.with].sort()]
            : request.kind === 'person'
              ? [...request.persons].sort()
              : request.kind === 'selection'
                ? [request.selection]
                : [];
  return createHash('sha256')
    .update(JSON.stringify([request.kind, ...what]))
    .digest('hex');
}

/** Codes of the API's answer; no image ever carries them. */
type RefusalCode = 'UnknownFace' | 'NotConfirmed';

/** What was asked cannot be done as it was asked: says what to change. */
export class ErasureRefusedError extends Error {
  override readonly name = 'ErasureRefusedError';
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}
