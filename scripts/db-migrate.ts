/** Brings the result database that the environment's settings name to this version's schema. Safe to repeat. */

import { readSettings } from '../src/domain/settings.ts';
import { openResultStore } from '../src/results/open.ts';

try {
  const store = await openResultStore(readSettings(process.env));
  try {
    await store.migrate();
    const images = await store.reindex(() => true);
    if (images > 0) console.log(`Of ${images} image(s) what they are found or shown by was made again.`);
  } finally {
    await store.close();
  }
  console.log('The result database has the schema of this version.');
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
