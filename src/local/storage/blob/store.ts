import type { Call, Permit } from '../http/call.ts';
import { Contents } from '../state/contents.ts';
import type { State } from '../state/state.ts';
import { Blobs } from './blobs.ts';
import { Blocks } from './blocks.ts';
import { type ContainerRow, Containers } from './containers.ts';
import { containerNotFound } from './errors.ts';

/** All that the Blob service keeps. */
export interface BlobStore {
  readonly state: State;
  readonly containers: Containers;
  readonly blobs: Blobs;
  readonly blocks: Blocks;
  readonly contents: Contents;
  /** What another request, of a batch or for the source of a copy, may do; throws when nothing. */
  readonly permit: (call: Call) => Permit;
}

export function openBlobStore(state: State, permit: (call: Call) => Permit): BlobStore {
  const contents = new Contents(state);
  return {
    state,
    permit,
    contents,
    containers: new Containers(state),
    blobs: new Blobs(state, contents),
    blocks: new Blocks(state, contents),
  };
}

/** Where a request's blob is, or would be. */
export interface Place {
  readonly container: string;
  readonly blob: string;
}

/** @throws {StorageError} ContainerNotFound */
export function existingContainer(store: BlobStore, { account }: Call, name: string): ContainerRow {
  const row = store.containers.find(account, name);
  if (!row) throw containerNotFound();
  return row;
}
