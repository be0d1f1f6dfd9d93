/** Rooms that guard something: what is kept, hidden, erased or ordered goes wrong here. In each, what is left out. */
const GUARDED: Readonly<Record<string, { readonly files: RegExp; readonly but?: RegExp }>> = {
  domain: { files: /^src\/domain\/(consent|etag|job|job-id|linked-content|retry-after|tombstone)\.ts$/ },
  pipeline: { files: /^src\/(pipeline|admin)\// },
  results: { files: /^src\/(results|database|audit)\//, but: /schema|normal-forms|sqlserver-config/ },
  erasure: { files: /^src\/erasure\// },
  storage: { files: /^src\/storage\//, but: /\/names\.ts$/ },
  steps: { files: /^src\/steps\// },
  people: { files: /^src\/people\// },
  telling: { files: /^src\/(telling|network)\// },
  api: { files: /^src\/api\//, but: /\/contract(\/|\.ts)|openapi/ },
  vision: { files: /^src\/vision\// },
  imaging: { files: /^src\/imaging\// },
  'host queue': { files: /^src\/local\/host\/queue\// },
};

/** @returns undefined where the file is in no guarded room */
export function roomOf(file: string): string | undefined {
  return Object.entries(GUARDED).find(([, { files, but }]) => files.test(file) && !but?.test(file))?.[0];
}
