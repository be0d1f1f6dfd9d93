import type { Saying } from '../people/transaction.ts';
import { whoIsThis } from './who.ts';

/** Who decides at the command line, and why where it was said. */
export const saidBy = ({ reason }: { reason?: string }): Saying => ({
  by: whoIsThis(),
  ...(reason !== undefined && reason.trim() !== '' && { reason: reason.trim() }),
});
