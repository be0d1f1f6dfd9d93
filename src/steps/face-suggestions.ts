import type { KeepSuggestions } from '../domain/suggestion.ts';

interface Match {
  id?: unknown;
  batch_id?: unknown;
  face_key?: unknown;
  other_face_key?: unknown;
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The possible matches of `facematch`. Outputs that came along with a message may have any form: those are let be. */
export const keepFaceSuggestions: KeepSuggestions<unknown> = (output, keep) => {
  const { matches } = (output ?? {}) as { matches?: unknown };
  if (!Array.isArray(matches)) return output;
  const kept = matches.filter((match: Match | null) =>
    keep({
      face: textOf(match?.face_key),
      otherFace: textOf(match?.other_face_key),
      otherImage: textOf(match?.id),
      otherBatch: textOf(match?.batch_id),
    }),
  );
  return kept.length === matches.length ? output : { ...(output as object), matches: kept };
};
