import { startAzurite } from './azurite.ts';
import { startOwnStorage } from './own-storage.ts';
import type { Emulator, EmulatorOptions } from './running-emulator.ts';

export type { Emulator };

/**
 * Starts the storage that tests stand on, as a child process on loopback: our own service, or, with
 * TEST_STORAGE=azurite and where https is asked for, Azurite. Any number of suites can run at once.
 *
 * @throws when it ends, or is not listening within a minute; the message carries its output
 */
export const startEmulator = (options: EmulatorOptions = {}): Promise<Emulator> =>
  process.env.TEST_STORAGE === 'azurite' || options.tls !== undefined
    ? startAzurite(options)
    : startOwnStorage(options);
