import type { Reconciler } from '../pipeline/rescue/reconcile.ts';
import { registerTimer } from '../wiring.ts';

/** Event Grid tries for longer, but an event this late is worth doubling. */
const MIN_AGE_MS = 10 * 60_000;
/** Done before the timer is due again, and far from the host's limit of ten minutes. */
const BUDGET_MS = 3 * 60_000;
/** Of each time: what was saved under older rules of search is brought up to date in passing. */
const REINDEX_MS = 30_000;
/** Of each time, until it has been through once: jobs of an older version get their links. */
const LINK_MS = 60_000;

let reconciler: Reconciler | undefined;
let notedHead = 0;

/** Every five minutes: an event for every image that no event has announced, dead letters of messages that no function can be handed, what was said of batches brought to their images, counts of the latest results folded in, jobs of an older version linked, words of old rows made again, and the head of the audit trail noted. */
registerTimer('reconcile', '0 */5 * * * *', async (app, log, signal) => {
  reconciler ??= app.reconciler(MIN_AGE_MS, BUDGET_MS);
  await reconciler.run(log, signal);
  await app.poison.leftBehind(log, signal);
  // Loaded by the first run, so that a new instance is not kept from its first message.
  const [{ applyPending }, { linkJobs }, { noteHead }] = await Promise.all([
    import('../admin/apply-consent.ts'),
    import('../pipeline/rescue/link-jobs.ts'),
    import('../admin/audit-heads.ts'),
  ]);
  await applyPending(app, signal, log);
  const linked = Date.now() + LINK_MS;
  const jobs = await linkJobs(app, () => !signal.aborted && Date.now() < linked);
  if (jobs > 0) log.info('journal.linked', { jobs });
  const results = await app.results();
  await results.counts.fold();
  const ends = Date.now() + REINDEX_MS;
  const images = await results.reindex(() => !signal.aborted && Date.now() < ends);
  if (images > 0) log.info('search.reindexed', { images });
  notedHead = await noteHead(app, log, notedHead);
});

/** Every hour: where there is more than whoever asks can look through, what waits and is under way is counted. */
registerTimer(
  'census',
  '0 12 * * * *',
  async (app, log, signal) => {
    const { takeCensus } = await import('../admin/standing/census.ts');
    const images = await takeCensus(app, signal);
    if (images !== undefined) log.info('census.taken', { underWay: images });
  },
  'administration',
);

/** Every night: the counts of batches, tags and categories are compared with the images, and corrected. */
registerTimer('recount', '0 20 3 * * *', async (app, log) => {
  const corrected = await (await app.results()).counts.recount();
  // Figures only: a batch or a tag may be somebody's name.
  for (const { kind, images, faces } of corrected) log.warn('counts.corrected', { kind, images, faces });
  log.info('counts.recounted', { corrected: corrected.length });
});
