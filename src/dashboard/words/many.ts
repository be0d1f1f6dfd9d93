import { number, plural } from './plural.ts';

const images = (count: number) => plural(count, 'image', 'images');
const messages = (count: number) => plural(count, 'message', 'messages');

/** Selecting many, and what is done to them. */
export const selection = {
  label: 'Selected images',
  start: 'Select',
  selected: (count: number) => `${number.format(count)} selected`,
  select: (name: string) => `Select ${name}`,
  all: (count: number, more: boolean) =>
    `Select all ${more ? `that match (more than ${number.format(count)})` : number.format(count)}`,
  allSelected: 'All images that match the filters are selected, including those not shown yet.',
  none: 'Clear',
  rerun: 'Look again',
  erase: 'Erase',
  terms: 'Terms',
  export: 'Export',
} as const;

export const bulk = {
  listing: 'Listing what this applies to',
  title: {
    rerun: (count: number) => `Look at ${images(count)} again?`,
    erase: (count: number) => `Erase ${images(count)} for good?`,
    export: (count: number) => `Export ${images(count)}?`,
    replay: (count: number) => `Put ${messages(count)} back?`,
    drop: (count: number) => `Drop ${messages(count)} for good?`,
  },
  says: {
    rerun: (step: string | null) =>
      step === null
        ? 'Every step of each image’s own pipeline runs again, and no other. What people decided stays. Images that are under way are left alone.'
        : `The step “${step}”, and what needs its output, runs again where it has failed. Nothing else does.`,
    erase:
      'The photographs and everything made of them: rows, faces, possible matches, decisions. This cannot be undone. A receipt proves it.',
    export:
      'One line for each image, as a table (CSV): file name, batch, tags, text, faces, possible matches. The export is recorded in the audit trail.',
    replay: 'Each goes back into its queue and is worked on again.',
    drop: 'This cannot be undone. Photographs are not touched.',
  },
  exactly: 'Only these are affected: nothing that arrives later is touched.',
  ofBatches: 'Of these batches',
  ofBatch: (batch: string, count: number) => `${batch}: ${images(count)}`,
  whatThereIs: 'What will be erased',
  places: {
    'blob:inputimages': 'photographs as they were uploaded',
    'blob:renditions': 'working copies',
    'blob:faces': 'cut-out faces',
    'sql:pipeline_output': 'result rows',
    'sql:face': 'faces',
    'sql:face_match': 'possible matches',
    'sql:match_decision': 'decisions about matches',
    'sql:person': 'persons, and what was decided about them',
    'sql:person_note': 'notes about persons',
    'table:faceindex': 'faceprints to be found by',
    'table:pipelinelogs': 'rows of the journal',
  } as Readonly<Record<string, string>>,
  others: 'other rows: words, tags, steps, lists',
  type: (word: string) => `Type “${word}” to go on`,
  word: 'erase',
  go: {
    rerun: 'Look again',
    erase: 'Erase for good',
    export: 'Download',
    replay: 'Put back',
    drop: 'Drop for good',
  },
  running: {
    rerun: (done: number, all: number) => `Looking again: ${number.format(done)} of ${images(all)}`,
    erase: (_: number, all: number) => `Erasing ${images(all)}`,
    export: (done: number, all: number) => `Exporting ${number.format(done)} of ${images(all)}`,
    replay: (done: number, all: number) => `Putting back: ${number.format(done)} of ${messages(all)}`,
    drop: (done: number, all: number) => `Dropping: ${number.format(done)} of ${messages(all)}`,
  },
  ended: {
    rerun: (count: number) => `${images(count)} under way again.`,
    erase: (count: number) => `${images(count)} erased.`,
    export: (count: number) => `${images(count)} exported.`,
    replay: (count: number) => `${messages(count)} put back.`,
    drop: (count: number) => `${messages(count)} dropped.`,
  },
  left: (count: number, why: string) => `${number.format(count)} skipped: ${why}`,
  stop: 'Stop',
  goesOn: 'This continues in the background. You can go to another page or close this one.',
} as const;

export const receipt = {
  title: 'Receipt of an erasure',
  all: 'Receipts',
  intro:
    'What was erased, when and by whom, and that nothing of it is left. It names no photograph and no person.',
  none: 'Nothing has been erased yet.',
  of: (count: number, at: string, by: string) => `${images(count)}, asked by ${by}, ${at}`,
  faceprints: (count: number) => plural(count, 'faceprint', 'faceprints'),
  persons: (count: number, at: string, by: string) =>
    `${plural(count, 'person', 'persons')}, asked by ${by}, ${at}`,
  states: {
    running: 'Under way',
    provisional:
      'Erased and counted; to be counted once more, with a full search, after all work in progress has ended',
    sweep: 'Erased and counted; the full search is under way',
    final: 'Final: counted again, and nothing is left',
  },
  place: 'Place',
  found: 'Found',
  deleted: 'Deleted',
  remaining: 'Left',
  unknown: 'not counted',
  beyond: 'What no program can erase',
  until: (what: string, until: string) => `${what}, until ${until}`,
  id: 'Number of the receipt',
  hash: 'Fingerprint of the list of images',
  print: 'Print',
  show: 'Show the receipt',
} as const;

export const terms = {
  title: 'Terms',
  intro:
    'Terms apply to whole batches, never to single images: to everything in these batches, and to whatever is added later.',
  ofBatch: (batch: string, count: number) => `${batch} (${images(count)} in all)`,
  purpose: 'Purpose',
  purposeHint:
    'What the photographs are processed for: tracing after the flood of May, for instance. Do not name a person.',
  legalBasis: 'Legal basis',
  legalBasisHint: 'Consent, vital interest, public interest, … as your data protection officer says.',
  expires: 'Erase from this day on',
  expiresHint: 'The whole batch is erased during the night before. Only an administrator can set this.',
  doNotMatch: 'Do not match',
  doNotMatchHint: 'No face of this batch is compared with others, or offered to anybody.',
  matched: 'May be matched',
  save: 'Save the terms',
  saved: 'The terms are saved.',
  savedPending: 'The terms are saved. They are being applied to the images already there.',
  more: 'There are more batches than shown: narrow the selection to one batch.',
  none: 'Not set.',
  past: 'This day has passed: everything in the batch would be erased tonight.',
} as const;
