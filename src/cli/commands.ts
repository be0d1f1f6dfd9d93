import type { AddCommand } from './command.ts';

/** A command, or a few that share a file. */
interface CommandEntry {
  /** What stands first on a command line. */
  readonly names: readonly string[];
  readonly load: () => Promise<AddCommand>;
}

/**
 * In the order in which --help lists them; a new command is a file of its own and a line here. Loaded only when asked
 * for: a command line is to answer at once, whatever the others need.
 */
const commands: readonly CommandEntry[] = [
  { names: ['submit'], load: async () => (await import('./commands/submit.ts')).addSubmit },
  { names: ['status'], load: async () => (await import('./commands/status.ts')).addStatus },
  { names: ['results'], load: async () => (await import('./commands/results.ts')).addResults },
  { names: ['matches'], load: async () => (await import('./commands/matches.ts')).addMatches },
  { names: ['person'], load: async () => (await import('./commands/person.ts')).addPerson },
  { names: ['decisions'], load: async () => (await import('./commands/decisions.ts')).addDecisions },
  { names: ['enquiry'], load: async () => (await import('./commands/enquiry.ts')).addEnquiry },
  { names: ['candidates'], load: async () => (await import('./commands/candidates.ts')).addCandidates },
  { names: ['outbox'], load: async () => (await import('./commands/outbox.ts')).addOutbox },
  { names: ['sql'], load: async () => (await import('./commands/sql.ts')).addSql },
  { names: ['why'], load: async () => (await import('./commands/why.ts')).addWhy },
  { names: ['poison'], load: async () => (await import('./commands/poison.ts')).addPoison },
  { names: ['rerun'], load: async () => (await import('./commands/rerun.ts')).addRerun },
  { names: ['pipeline'], load: async () => (await import('./commands/pipeline.ts')).addPipeline },
  { names: ['queues'], load: async () => (await import('./commands/queues.ts')).addQueues },
  { names: ['stats'], load: async () => (await import('./commands/stats.ts')).addStats },
  { names: ['doctor'], load: async () => (await import('./commands/doctor.ts')).addDoctor },
  { names: ['pause', 'resume'], load: async () => (await import('./commands/pause.ts')).addPause },
  { names: ['test'], load: async () => (await import('./commands/test.ts')).addTest },
  { names: ['post'], load: async () => (await import('./commands/post.ts')).addPost },
  { names: ['export'], load: async () => (await import('./commands/export.ts')).addExport },
  { names: ['batch'], load: async () => (await import('./commands/batch.ts')).addBatch },
  { names: ['calibrate'], load: async () => (await import('./commands/calibrate.ts')).addCalibrate },
  { names: ['model'], load: async () => (await import('./commands/model.ts')).addModel },
  { names: ['pfif'], load: async () => (await import('./commands/pfif.ts')).addPfif },
  { names: ['erase'], load: async () => (await import('./commands/erase.ts')).addErase },
  { names: ['backup', 'restore', 'check'], load: async () => (await import('./commands/data.ts')).addData },
  { names: ['receipts'], load: async () => (await import('./commands/receipts.ts')).addReceipts },
  { names: ['audit'], load: async () => (await import('./commands/audit.ts')).addAudit },
  { names: ['clear'], load: async () => (await import('./commands/clear.ts')).addClear },
  {
    names: ['connection-string'],
    load: async () => (await import('./commands/connection-string.ts')).addConnectionString,
  },
];

/** The commands that a command line may be about: all where it names none, for the list of them or what is like it. */
export function commandsFor(argv: readonly string[]): readonly CommandEntry[] {
  const named = commands.filter(({ names }) => names.some((name) => argv.includes(name)));
  return named.length > 0 ? named : commands;
}
