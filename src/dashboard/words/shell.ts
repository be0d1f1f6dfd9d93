import { number, plural } from './plural.ts';

export const palette = {
  label: 'Commands',
  open: 'Search and commands',
  placeholder: 'Go to a page or run a command',
  go: 'Go to',
  images: 'Images',
  batches: 'Batches',
  search: (text: string) => `Search the images for “${text}”`,
  nothing: 'Nothing matches.',
  actions: 'Do',
  hint: 'Arrow keys choose, Enter runs it, Escape closes.',
} as const;

export const keys = {
  title: 'Keyboard shortcuts',
  everywhere: 'Everywhere',
  palette: 'Search and commands',
  help: 'Keyboard shortcuts',
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
    'Everything that keeps photographs from being finished, by reason: what went wrong, and what you can do.',
  none: 'No trouble',
  noneText: 'No step has failed, every file was accepted, no message was given up, and nothing is waiting.',
  haltedTitle: 'Nothing else is wrong',
  halted:
    'No step has failed and every file was accepted, but no photograph is worked on now: the line above says why.',
  toPipeline: 'To the pipeline',
  kinds: {
    waiting: 'Waiting',
    dead: 'Given up',
    failed: 'Failed',
    rejected: 'Not accepted',
    skipped: 'Skipped',
  },
  kindMeans: {
    waiting: 'Messages that nothing is working on at the moment',
    dead: 'Messages that could not be worked on; they are kept whole',
    failed: 'Steps that ended with an error; the rest of the image was worked on',
    rejected: 'Files that were not accepted as photographs',
    skipped: 'Steps that did not run because something they need was missing',
  },
  images: (count: number, more: boolean) => `${more ? 'more than ' : ''}${plural(count, 'image', 'images')}`,
  messages: (count: number, more: boolean) =>
    `${more ? 'more than ' : ''}${plural(count, 'message', 'messages')}`,
  todo: 'What to do',
  act: {
    rerun: (count: number) => (count === 1 ? 'Do it again' : `Do all ${number.format(count)} again`),
    replay: (count: number) => (count === 1 ? 'Put it back' : `Put all ${number.format(count)} back`),
    resume: 'Resume',
  },
  drop: 'Drop them',
  show: 'Show which',
  hide: 'Hide',
  inGrid: 'Show them in Images',
  resumed: 'Resumed.',
  badge: (count: number) => plural(count, 'message given up', 'messages given up'),
} as const;

export const batches = {
  title: 'Batches',
  intro: 'What was uploaded together, and on what terms it may be processed.',
  none: 'No batches yet',
  noneText: 'A batch appears as soon as its first photograph has arrived.',
  noneOf: 'No batch begins so',
  noneOfText: 'Type fewer letters. Capital and small letters are different here.',
  search: 'Start of a name',
  faces: (count: number) => plural(count, 'face', 'faces'),
  images: (count: number) => plural(count, 'image', 'images'),
  latest: (when: string) => `latest ${when}`,
  see: 'See its images',
  change: 'Change the terms',
  enquiry: 'To the enquiry',
  noTerms: 'No terms: purpose, legal basis and expiry are not set.',
  changed: (by: string, when: string) => `Set by ${by}, ${when}`,
  pending: 'Being applied to its images',
  troubled: (count: number) => `${number.format(count)} incomplete`,
} as const;

export const pauses = {
  pause: 'Pause',
  resume: 'Resume',
  why: 'Reason (shown to everyone)',
  pauseNow: 'Pause this step',
} as const;
