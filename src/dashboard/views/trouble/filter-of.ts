import type { TroubleGroup } from '../../../api/contract.ts';

/** The filter of the images of a group; undefined where it is about messages. */
export function filterOf({ kind, step, code }: TroubleGroup): Record<string, string> | undefined {
  if (kind === 'rejected') return code === null ? undefined : { rejectedFor: code };
  if ((kind !== 'failed' && kind !== 'skipped') || step === null) return undefined;
  return { step, stepState: kind, ...(code !== null && { errorCode: code }) };
}
