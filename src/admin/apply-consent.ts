import type { Consent } from '../domain/consent.ts';
import type { Job } from '../domain/job.ts';
import { type Log, silentLog } from '../domain/ports.ts';
import type { Settings } from '../domain/settings.ts';
import type { BatchSetting, BatchSettings } from '../pipeline/admission/batch-settings.ts';
import type { Registry } from '../pipeline/definition/registry.ts';
import type { Journal } from '../pipeline/journal/journal.ts';
import type { ResultStore } from '../results/store.ts';

export interface ApplyConsentDeps {
  batches: BatchSettings;
  journal: Journal;
  registry: Registry;
  settings: Settings;
  /** Where rows stand: what is said of the batch is written to them, and what it forbids is taken out. */
  results(): Promise<Pick<ResultStore, 'applyConsent'>>;
}

interface AppliedConsent {
  /** Jobs that were brought in line. */
  jobs: number;
  /** Whether all are; else the timer goes on, or the same change once more. */
  complete: boolean;
}

/** Conflicts in a job's row after which it is left to the next round. */
const TRIES = 10;

/**
 * Brings what a batch had before in line with what is now said of it: rows, jobs, and where it may not be matched the
 * faces that others could find. The setting itself was written first, and whoever enrols or reports a match looks at
 * it afterwards, so that nothing under way slips through between. Safe to repeat.
 */
export async function applyConsent(
  setting: BatchSetting,
  deps: ApplyConsentDeps,
  signal: AbortSignal,
  log: Log = silentLog,
): Promise<AppliedConsent> {
  const {
    batches,
    journal,
    registry: { keepSuggestions },
  } = deps;
  const { batchId, consent } = setting;
  const refused: string[] = [];
  for await (const { id, consent: own } of journal.sources({ batchId })) if (own?.refused) refused.push(id);
  await (await deps.results()).applyConsent(batchId, consent, { refused, keepSuggestions });
  let jobs = 0;
  let complete = true;
  for await (const job of journal.jobs(batchId)) {
    if (signal.aborted) return { jobs, complete: false };
    if ((await batches.get(batchId))?.at !== setting.at) {
      await batches.reopen(batchId);
      return { jobs, complete: false };
    }
    if (consent.doNotMatch) await withdraw(job, deps, signal, log);
    if (await stamp(job, consent, journal)) jobs += 1;
    else complete = false;
  }
  if (complete) await batches.applied(setting);
  return { jobs, complete };
}

/** Goes on with every batch whose change was cut short. For a timer. */
export async function applyPending(deps: ApplyConsentDeps, signal: AbortSignal, log: Log): Promise<void> {
  for await (const setting of deps.batches.list()) {
    if (signal.aborted) return;
    if (!setting.pending) continue;
    const { jobs, complete } = await applyConsent(setting, deps, signal, log);
    log.info('consent.applied', { jobs, complete });
  }
}

async function withdraw(
  job: Job,
  { registry, settings }: ApplyConsentDeps,
  signal: AbortSignal,
  log: Log,
): Promise<void> {
  for (const name of registry.names) {
    const step = registry.get(name);
    // Its output is not needed to take a face back.
    await step?.withdraw?.({
      job: { ...job, parameters: undefined },
      output: undefined,
      settings,
      log,
      signal,
    });
  }
}

async function stamp(job: Job, consent: Consent, journal: Journal): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const entry = await journal.read(job.batchId, job.id);
    if (!entry) return true;
    const said: Consent = entry.job.consent?.refused
      ? { ...consent, refused: true, doNotMatch: true }
      : consent;
    if (JSON.stringify(entry.job.consent) === JSON.stringify(said)) return true;
    if (await journal.update(entry, { consent: said })) return true;
  }
  return false;
}
