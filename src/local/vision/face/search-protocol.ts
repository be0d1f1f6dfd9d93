/** What is asked of the thread that holds the large lists; each question has one answer, in order. */
export type SearchRequest =
  /** @param path undefined keeps the list in memory alone */
  | { kind: 'open'; list: number; path: string | undefined }
  /** Faces in order of sequence number; `prints` holds 128 numbers for each. */
  | { kind: 'append'; list: number; seqs: Float64Array; prints: Float32Array }
  | { kind: 'clear'; list: number }
  | { kind: 'wipe'; list: number; seq: number }
  | { kind: 'search'; list: number; query: Float32Array; limit: number; maxDistance: number; upTo: number }
  | { kind: 'close'; list: number };

export type SearchAnswer =
  | { kind: 'failed'; message: string }
  | { kind: 'done'; seqs: number[]; live: number; lastSeq: number };
