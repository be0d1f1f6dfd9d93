import type { BulkAct } from '../../results/bulk.ts';
import type { ResultStore } from '../../results/store.ts';
import type { Audited } from '../audited.ts';

interface StartRefused {
  code: 'OtherNumber' | 'NotYours' | 'AlreadyStarted';
  message: string;
}

/**
 * Starts what was listed, once whoever listed it has confirmed how many. An export is written down here, for what it
 * shows is all there is to it; the other kinds write down what they do when they do it.
 *
 * @returns why not, where it is not started
 */
export async function startBulkAct(
  act: BulkAct,
  confirmed: number,
  who: string,
  { audit, results }: Audited & { results(): Promise<ResultStore> },
): Promise<StartRefused | undefined> {
  if (act.askedBy !== who) {
    return {
      code: 'NotYours',
      message: 'Somebody else has listed this: list it yourself, and look at it first.',
    };
  }
  if (confirmed !== act.items) {
    return {
      code: 'OtherNumber',
      message: `It is about ${act.items}, and ${confirmed} were confirmed: look at the list again.`,
    };
  }
  const { bulk } = await results();
  if (act.state === 'draft' && act.kind === 'export') {
    await audit.record({
      who,
      action: 'results.exported',
      detail: { rows: act.items, format: 'csv', act: act.id },
    });
  }
  if (await bulk.start(act.id, act.detail)) return undefined;
  return { code: 'AlreadyStarted', message: 'It was started already, or has ended.' };
}
