import type { BatchStatus } from '../../admin/batch-status.ts';
import { count } from './count.ts';
import { printable } from './printable.ts';
import { table } from './table.ts';

/** Where each batch stands, and what went wrong in it. */
export function statusTable(statuses: readonly BatchStatus[], width?: number): string {
  const rows = statuses.map(
    ({ batch, waiting, folderMarkers, systemFiles, running, retrying, finished, failures, dead }) => [
      printable(batch),
      waiting === 0 ? '' : String(waiting),
      cell(running),
      [
        cell(finished),
        folderMarkers === 0 ? '' : `${count(folderMarkers, 'folder marker')} passed over`,
        systemFiles === 0 ? '' : `${count(systemFiles, 'system file')} passed over`,
      ]
        .filter((part) => part !== '')
        .join('\n'),
      [cell(failures), cell(retrying, ' (trying again)'), cell(dead, ' (dead letter)')]
        .filter((part) => part !== '')
        .join('\n'),
    ],
  );
  return table(['Batch', 'Waiting', 'Under way', 'Finished', 'Trouble'], rows, width);
}

const cell = (counts: Readonly<Record<string, number>>, remark = ''): string =>
  Object.entries(counts)
    .map(([what, number]) => `${number} ${printable(what)}${remark}`)
    .join('\n');
