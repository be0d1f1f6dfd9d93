import { number, plural } from './plural.ts';

export const palette = {
  label: 'Commands',
  open: 'Search and commands',
  placeholder: 'Where to, or what to do?',
  go: 'Go to',
  images: 'Images',
  batches: 'Batches',
  search: (text: string) => `Search the images for “${text}”`,
  nothing: 'Nothing fits.',
  actions: 'Do',
  hint: 'Arrow keys choose, Enter does it, Escape closes.',
} as const;

export const keys = {
  title: 'Keys',
  everywhere: 'Everywhere',
  palette: 'Search and commands',
  help: 'These keys',
  search: 'Search the images',
  names: {
    ArrowLeft: '←',
    ArrowRight: '→',
    ArrowUp: '↑',
    ArrowDown: '↓',
    Escape: 'Esc',
    ' ': 'Space',
    Enter: 'Enter',
  } as Readonly<Record<string, string>>,
  control: 'Ctrl',
} as const;

export const trouble = {
  title: 'Trouble',
  intro:
    'Everything that keeps photographs from their results, by reason: what went wrong, and what one can do.',
  none: 'No trouble',
  noneText: 'No step has failed, every file was taken, no message was given up, and nothing waits.',
  toPipeline: 'To the pipeline',
  kinds: {
    waiting: 'Waiting',
    dead: 'Given up',
    failed: 'Failed',
    rejected: 'Not taken',
    skipped: 'Left out',
  },
  kindMeans: {
    waiting: 'Messages that nobody works on now',
    dead: 'Messages that could not be worked on; they are kept whole',
    failed: 'Steps that ended with an error; the rest of the image was worked on',
    rejected: 'Files that were not taken as photographs',
    skipped: 'Steps that did not run because something they need was missing',
  },
  images: (count: number, more: boolean) => `${more ? 'more than ' : ''}${plural(count, 'image', 'images')}`,
  messages: (count: number, more: boolean) =>
    `${more ? 'more than ' : ''}${plural(count, 'message', 'messages')}`,
  todo: 'What to do',
  act: {
    rerun: (count: number) => (count === 1 ? 'Do it again' : `Do all ${number.format(count)} again`),
    replay: (count: number) => (count === 1 ? 'Put it back' : `Put all ${number.format(count)} back`),
    resume: 'Let it go on',
  },
  drop: 'Drop them',
  show: 'Which ones',
  hide: 'Hide',
  inGrid: 'Show them in the images',
  resumed: 'It goes on.',
  badge: (count: number) => plural(count, 'message given up', 'messages given up'),
} as const;

export const batches = {
  title: 'Batches',
  intro: 'What was uploaded together, and on what terms it may be processed.',
  none: 'No batches yet',
  noneText: 'A batch is there as soon as its first photograph is.',
  search: 'Beginning of a name',
  faces: (count: number) => plural(count, 'face', 'faces'),
  images: (count: number) => plural(count, 'image', 'images'),
  latest: (when: string) => `latest ${when}`,
  see: 'See its images',
  change: 'Change the terms',
  noTerms: 'No terms: nothing was said of purpose, legal basis or expiry.',
  changed: (by: string, when: string) => `Said by ${by}, ${when}`,
  pending: 'Being brought in line',
  troubled: (count: number) => `${number.format(count)} not wholly done`,
} as const;

export const pauses = {
  pause: 'Pause',
  resume: 'Go on',
  why: 'Why? (shown to whoever asks)',
  pauseNow: 'Pause this step',
} as const;
