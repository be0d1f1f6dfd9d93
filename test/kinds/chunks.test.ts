import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { vi } from 'vitest';
import { readSettings } from '../../src/domain/settings.ts';
import { openResultStore } from '../../src/results/open.ts';
import { calibrationConformance } from '../people/calibration/ledger-conformance.ts';
import { enquiryConformance } from '../people/enquiry/enquiry-conformance.ts';
import { peopleConformance } from '../people/people-conformance.ts';
import { exchangeConformance } from '../people/pfif/exchange-conformance.ts';
import { erasureConformance } from '../results/erasure-conformance.ts';

/** Hundreds of keys go into one statement, and no archive of a test has as many: here each statement has one. */
vi.mock('../../src/database/chunks.ts', async (original) => {
  const chunks = await original<typeof import('../../src/database/chunks.ts')>();
  return { ...chunks, chunksOf: <T>(all: Iterable<T>) => chunks.chunksOf(all, 1) };
});

const prepare = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chunks-'));
  const path = join(folder, 'results.db');
  const env = { SQLITE_PATH: path };
  return {
    env,
    open: () => openResultStore(readSettings(env)),
    administer: async (sql: string) => {
      const database = new DatabaseSync(path);
      database.exec(sql);
      database.close();
    },
    clear: () => rm(folder, { recursive: true, force: true }),
  };
};
const NAME = 'SQLite, key by key';
peopleConformance(NAME, prepare);
erasureConformance(NAME, prepare);
enquiryConformance(NAME, prepare);
exchangeConformance(NAME, prepare);
calibrationConformance(NAME, prepare);
