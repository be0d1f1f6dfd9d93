import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningStorage, type StorageOptions, startStorage } from '../../../src/local/storage/start.ts';

export const testAccount = (name = 'teststore') => ({
  name,
  keys: [randomBytes(64).toString('base64'), randomBytes(64).toString('base64')],
});

export interface TestStorage extends RunningStorage {
  readonly folder: string;
  readonly accounts: StorageOptions['accounts'];
  /** Closes it and takes its folder away. */
  end(): Promise<void>;
}

/** A storage service of its own for one test file; everything unexpected fails the test that waits for it. */
export async function startTestStorage(options: Partial<StorageOptions> = {}): Promise<TestStorage> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'imaginem-storage-'));
  const accounts = options.accounts ?? [testAccount()];
  const storage = await startStorage({
    onUnexpected: (error, what) => console.error('unexpected', what, error),
    ...options,
    folder,
    accounts,
  });
  return {
    ...storage,
    folder,
    accounts,
    end: async () => {
      await storage.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
