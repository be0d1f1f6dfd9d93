import { paths } from '../../routes.ts';
import * as bulk from '../bulk.ts';
import type { Operation } from '../operation.ts';

/** Acts on many images at once. */
export const bulkOperations = {
  draftBulkAct: {
    method: 'POST',
    path: paths.bulkActs,
    role: 'operator',
    summary:
      'Lists what an act on many is about, to be confirmed; does nothing yet. Erasing and dropping need the role administrator.',
    body: bulk.bulkActBody,
    maxJson: 1_200_000,
    answer: bulk.bulkDraft,
    status: 201,
  },
  listBulkActs: {
    method: 'GET',
    path: paths.bulkActs,
    role: 'viewer',
    summary: 'Acts on many that were started lately, newest first.',
    answer: bulk.bulkActList,
  },
  getBulkAct: {
    method: 'GET',
    path: paths.bulkAct,
    role: 'viewer',
    summary: 'One of them, and how far it is.',
    answer: bulk.bulkAct,
  },
  startBulkAct: {
    method: 'POST',
    path: paths.bulkStart,
    role: 'operator',
    summary: 'Starts what was listed; it goes on in the background.',
    body: bulk.bulkStartBody,
    answer: bulk.bulkAct,
    status: 202,
  },
  proceedBulkAct: {
    method: 'POST',
    path: paths.bulkProceed,
    role: 'operator',
    summary: 'Works on it for some seconds, so that it need not wait for the timer.',
    answer: bulk.bulkAct,
  },
  stopBulkAct: {
    method: 'DELETE',
    path: paths.bulkAct,
    role: 'operator',
    summary: 'Forgets a draft, or ends an act before its end; what was done stays done.',
    answer: null,
  },
  bulkRows: {
    method: 'GET',
    path: paths.bulkRows,
    role: 'operator',
    summary: 'The rows of an export, as CSV.',
    answer: { contentTypes: ['text/csv; charset=utf-8'], description: 'One row per image' },
  },
} as const satisfies Record<string, Operation>;
