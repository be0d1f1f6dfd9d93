/** A possible match in the output of a step: two faces, one of them of this image. What it does not say is absent. */
export interface Suggestion {
  readonly face?: string | undefined;
  readonly otherFace?: string | undefined;
  /** Job id of the other image. */
  readonly otherImage?: string | undefined;
  readonly otherBatch?: string | undefined;
}

/** An output with only those possible matches that `keep` lets stand; the very same output where those are all. */
export type KeepSuggestions<Output> = (output: Output, keep: (suggestion: Suggestion) => boolean) => Output;

/** The same of all outputs of a job, by step. */
export type KeepSuggestionsOfJob = KeepSuggestions<Record<string, unknown>>;
