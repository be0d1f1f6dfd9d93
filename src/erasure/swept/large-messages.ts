import { atOnce } from '../../domain/at-once.ts';
import { containers } from '../../storage/names.ts';
import { LARGE, mentioningSteps, namedIn, rewriteOutput, says, stepOf } from '../mentioned.ts';
import type { PlaceDeps } from '../place.ts';
import type { Swept, Trace } from '../sweep/swept.ts';

/** Names in a page: those of the fitting steps among them are read. */
const PAGE = 1000;
/** Blobs read at once. */
const AT_ONCE = 8;

/** Outputs that are kept apart, of earlier runs and of messages that were too large, too: nothing leads to these but their names. */
export const sweptLargeMessages = (deps: PlaceDeps): Swept => ({
  name: 'largemessages',
  stores: [LARGE],
  leads: false,
  open: ({ ids, keys }) => {
    const { storage, claimCheck } = deps;
    const steps = new Set(mentioningSteps(deps));
    const read = (name: string) => claimCheck.resolveOr({ linked_content: name }, undefined);
    return async (from, signal) => {
      const page = await storage.blobs.page(containers.largeMessages, { from, size: PAGE });
      const names = page.blobs
        .map(({ name }) => name)
        .filter((name) => steps.has(stepOf(name)) && !keys.has(name.split('/')[0] as string));
      const traces: Trace[] = [];
      await atOnce(
        AT_ONCE,
        names,
        async (name) => {
          const named = namedIn(await read(name), ids);
          if (named.length === 0) return;
          traces.push({
            store: LARGE,
            ids: named,
            erase: () => rewriteOutput(deps, name, ids),
            isLeft: async () => says(await read(name), ids),
          });
        },
        signal,
      );
      return { traces, ...(page.next !== undefined && { next: page.next }) };
    };
  },
});
