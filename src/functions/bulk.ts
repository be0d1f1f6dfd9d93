import { resumeBulkActs } from '../admin/bulk/proceed.ts';
import { registerTimer } from '../wiring.ts';

/** Every minute: goes on with acts on many images whose page was closed, and forgets those that are long over. */
registerTimer('bulkacts', '45 * * * * *', resumeBulkActs, 'administration');
