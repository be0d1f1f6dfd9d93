import { paths } from '../../routes.ts';
import * as audit from '../audit.ts';
import * as erasures from '../erasures.ts';
import type { Operation } from '../operation.ts';

/** What was erased, and who did what. */
export const accountabilityOperations = {
  erase: {
    method: 'POST',
    path: paths.erasures,
    role: 'administrator',
    summary: 'Erases an image, a batch or a person with everything made of it.',
    body: erasures.erasureBody,
    answer: erasures.erasureAnswer,
  },
  listErasures: {
    method: 'GET',
    path: paths.erasures,
    role: 'administrator',
    summary: 'Receipts of erasures, newest first.',
    answer: erasures.receiptList,
  },
  getErasure: {
    method: 'GET',
    path: paths.erasure,
    role: 'administrator',
    summary: 'One receipt.',
    answer: erasures.receipt,
  },
  listAudit: {
    method: 'GET',
    path: paths.audit,
    role: 'administrator',
    summary: 'Who did what, newest first.',
    query: audit.auditQuery,
    answer: audit.auditPage,
  },
  verifyAudit: {
    method: 'GET',
    path: paths.auditVerification,
    role: 'administrator',
    summary: 'Looks for entries of the audit trail that are missing, were changed or moved.',
    answer: audit.auditVerification,
  },
} as const satisfies Record<string, Operation>;
