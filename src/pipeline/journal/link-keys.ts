import { tableKey, textOfKey } from '../../storage/tables.ts';

/** A job as a link names it. */
export interface LinkedJob {
  id: string;
  batchId: string;
}

/** Where somebody has got to in a table. */
export interface RowPlace {
  partitionKey: string;
  rowKey: string;
}

/** How long the first part of each partition's key is. */
export const PREFIX = 'of:'.length;

export const ofPicture = (picture: string): string => tableKey(`of:${picture}`);
/** Of a partition of pictures, which: undefined where its name is too long to stand in a key. */
export const pictureIn = (partitionKey: string): string | undefined => textOfKey(partitionKey)?.slice(PREFIX);

export const inImage = (id: string): string => tableKey(`in:${id}`);
export const byJob = (id: string): string => tableKey(`by:${id}`);
