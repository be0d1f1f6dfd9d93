import { afterAll } from 'vitest';
import { type Emulator, startEmulator } from './emulator.ts';

/**
 * What the tests of a file stand on: a storage account of their own, and what `open` puts on it. Awaited at the top of
 * the file; the account ends after its tests.
 */
export async function scene<T>(open: (emulator: Emulator) => Promise<T>): Promise<T> {
  const emulator = await startEmulator();
  afterAll(() => emulator.stop());
  try {
    return await open(emulator);
  } catch (error) {
    // The tests never run, and so nothing after them does.
    await emulator.stop();
    throw error;
  }
}

/** The same of what brings its own storage along and stops itself. */
export async function stage<T extends { stop(): Promise<void> }>(opening: Promise<T>): Promise<T> {
  const opened = await opening;
  afterAll(() => opened.stop());
  return opened;
}
