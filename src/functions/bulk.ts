import { registerTimer } from '../wiring.ts';

/** Every minute: goes on with acts on many images whose page was closed, and forgets those that are long over. */
registerTimer(
  'bulkacts',
  '45 * * * * *',
  async (...given) => {
    const { resumeBulkActs } = await import('../admin/bulk/proceed.ts');
    await resumeBulkActs(...given);
  },
  'administration',
);
