import { afterAll } from 'vitest';
import { type Azurite, startAzurite } from './azurite.ts';

/**
 * What the tests of a file stand on: a storage account of their own, and what `open` puts on it. Awaited at the top of
 * the file; the account ends after its tests.
 */
export async function scene<T>(open: (azurite: Azurite) => Promise<T>): Promise<T> {
  const azurite = await startAzurite();
  afterAll(() => azurite.stop());
  try {
    return await open(azurite);
  } catch (error) {
    // The tests never run, and so nothing after them does.
    await azurite.stop();
    throw error;
  }
}

/** The same of what brings its own storage along and stops itself. */
export async function stage<T extends { stop(): Promise<void> }>(opening: Promise<T>): Promise<T> {
  const opened = await opening;
  afterAll(() => opened.stop());
  return opened;
}
