import { ENQUIRY_TABLES, OTHER_TABLES, PERSON_TABLES } from '../results/tables.ts';
import { allQueues, tables } from '../storage/names.ts';
import type { Place, PlaceDeps, Store } from './place.ts';
import { originals, ownBlobs } from './places/blobs.ts';
import { deadLetters } from './places/dead-letters.ts';
import { enquiryRows } from './places/enquiries.ts';
import { faceprints } from './places/faces.ts';
import { hashes } from './places/hashes.ts';
import { journalRows } from './places/journal.ts';
import { links } from './places/links.ts';
import { mentions } from './places/mentions.ts';
import { personRows } from './places/persons.ts';
import { resultRows, sqlStore } from './places/results.ts';
import { undeliveredEvents } from './places/undelivered-events.ts';
import type { Swept } from './sweep/swept.ts';
import { sweptFaceIndexes, sweptFaceLists } from './swept/faces.ts';
import { sweptHashes } from './swept/hashes.ts';
import { sweptLargeMessages } from './swept/large-messages.ts';
import { sweptLinks } from './swept/links.ts';
import { sweptOutputs } from './swept/outputs.ts';

/**
 * The map of the data: every place where something about an image may live. A test compares it with what there is in
 * the account, the database and the schema after photographs have gone through, and fails for a store it does not name.
 *
 * In the order in which an erasure goes through them.
 */
export const placesOf = (deps: PlaceDeps): Place[] =>
  [
    mentions,
    originals,
    ownBlobs,
    undeliveredEvents,
    hashes,
    faceprints,
    deadLetters,
    resultRows,
    enquiryRows,
    personRows,
    links,
    journalRows,
  ].map((place) => place(deps));

/**
 * The stores that may hold something which no row leads to: what a process left that ended half-way, and what others
 * say of an image. In the order in which a sweep goes through them: first those that lead others to an image.
 */
export const sweptStoresOf = (deps: PlaceDeps): Swept[] =>
  [sweptHashes, sweptFaceIndexes, sweptFaceLists, sweptOutputs, sweptLargeMessages, sweptLinks].flatMap(
    (store) => store(deps),
  );

/** Queues cannot be searched: a message of an erased image is discarded when it is delivered. */
export const queuesOf = ({ registry }: Pick<PlaceDeps, 'registry'>): string[] => allQueues(registry.names);

/** Stores that hold nothing about an image that could be erased, and why. */
const otherStores: readonly Store[] = [
  {
    name: `table:${tables.tombstones}`,
    holds: 'hashes of the ids of erased images, so that nothing brings them back',
    kept: 'for good',
  },
  {
    name: `table:${tables.erasures}`,
    holds:
      'receipts; the names of what is being erased, until it is; where the look through everything has got to',
    kept: 'receipts for good, names until the receipt is final, the place until that look ends',
  },
  {
    name: `table:${tables.reconcile}`,
    holds:
      'the blob name at which a look through the input container has got to; of a large archive, how many images of a batch wait or are under way; when the clock was last believed',
    kept: 'until that look ends, some minutes; the figures of a batch an hour, the time for good',
  },
  { name: `table:${tables.recognition}`, holds: 'nothing about an image', kept: 'for good' },
  { name: `table:${tables.throttle}`, holds: 'nothing about an image', kept: 'for good' },
  {
    name: `table:${tables.batchSettings}`,
    holds: 'what is said of a batch, under its name; nothing about a single image',
    kept: 'until cleared: images that come later obey it too; of an enquiry until that is erased',
  },
  { name: `table:${tables.pauses}`, holds: 'nothing about an image', kept: 'until resumed' },
  ...OTHER_TABLES.filter((table) => ![...ENQUIRY_TABLES, ...PERSON_TABLES].includes(table)).map(sqlStore),
];

/** What no program can erase, and when it ends by itself. */
export interface Beyond {
  readonly what: string;
  readonly until: string;
}

const beyond: readonly Beyond[] = [
  {
    what: 'backups of the SQL database, from which it can be restored to a point in time',
    until: 'their retention has passed (template parameter sqlBackupRetentionDays, 7 days unless changed)',
  },
  {
    what: 'what a trained face list has learned; its faces are taken out at once, and no result names them',
    until: 'the list is trained again, which has been asked for',
  },
  {
    what: 'face ids, with which the Face service, or the local engine, remembers a detected face and its faceprint for a while',
    until: '24 hours after their detection',
  },
  {
    what: 'results of reading text, which Computer Vision keeps for those who ask',
    until: '48 hours after the reading; of the local engine, ten minutes',
  },
  {
    what: 'the caches in memory of the vision engine and of the page (results and thumbnails, by hash)',
    until: 'other images have taken their place, or the process ends',
  },
  {
    what: 'the bytes of an image in the memory of a process that has just worked on it: none looks at them without asking first whether the image is still there',
    until: 'a minute has passed',
  },
  {
    what: 'who did what (the audit): it names images by opaque ids only, and can only be added to',
    until: 'the database is given up: it is the proof',
  },
  {
    what: 'images and thumbnails in the caches of browsers: none shows them without asking, and each is told that they are gone; but a page that is open keeps what it has shown',
    until:
      'the browser needs the room, or its cache is emptied; of an open page, it is closed or loaded anew',
  },
  {
    what: 'in Azure, names of blobs in the log of requests of the storage account, and what people asked the database past the app',
    until:
      'the retention of the workspace has passed (template parameter logRetentionDays, 30 days unless changed)',
  },
  {
    what: 'job ids in logs and telemetry: hashes that name nobody',
    until: 'the retention of the workspace, or of the log files, has passed',
  },
  {
    what: 'copies that people made: exports, downloads, the originals on their own disks, backups of the data folder, what a move from Azurite left in azurite-moved-*',
    until: 'those who have them delete them',
  },
];

/** Where the storage account is Microsoft's emulator: it removes what it holds from its lists, not from its files. */
const emulated: Beyond = {
  what: "bytes of the images, names and texts in the files of the storage emulator (Azurite), which does not overwrite what it deletes; the storage service of Imaginem's own does",
  until:
    'the emulator has written its files anew, or its folder is deleted; move to the storage service of its own with --storage imaginem',
};

/** @param server what answers in the storage account's place, by its own word */
export const beyondOf = (server: string): readonly Beyond[] =>
  /^azurite/i.test(server) ? [emulated, ...beyond] : beyond;

/** Every store the map names. */
export const storesOf = (deps: PlaceDeps): Store[] => [
  ...placesOf(deps).flatMap(({ stores }) => stores),
  ...queuesOf(deps).map((queue) => ({
    name: `queue:${queue}`,
    holds: 'messages about it: its address, outputs',
    kept: 'until delivered',
  })),
  ...otherStores,
];
