import { assign, EditError, parseAssignment } from '../../admin/edit.ts';
import { planReplay, replay } from '../../admin/replay.ts';
import { keysOf } from '../../admin/select-letters.ts';
import type { DeadLetter } from '../../pipeline/journal/dead-letters.ts';
import type { CommandContext } from '../command.ts';
import { confirm } from '../confirm.ts';
import { CliError, EXIT } from '../errors.ts';
import { count } from '../format/count.ts';
import { printable } from '../format/printable.ts';
import { whoIsThis } from '../who.ts';
import { editJson } from './editor.ts';
import { chosen, type FilterOptions } from './filter.ts';
import { messageValue, oneLetter, SHORT_ID } from './letter.ts';

export interface ReplayOptions extends FilterOptions {
  dryRun?: boolean;
  edit?: boolean;
  yes?: boolean;
  set?: string[];
  json?: boolean;
}

interface Outcome {
  id: string;
  outcome: 'replayed' | 'would be replayed' | 'refused' | 'gone';
  queues?: string[];
  code?: string;
  reason?: string;
}

/** Puts dead letters back to work. Exit code 1 where one was refused. */
export async function replayAll(
  ids: string[],
  options: ReplayOptions,
  context: CommandContext,
): Promise<void> {
  const { screen, signal, connect, exitWith } = context;
  const filter = chosen(ids, options);
  const edits = options.edit === true || (options.set?.length ?? 0) > 0;
  if (options.edit && ids.length !== 1) throw new CliError('--edit takes one id.', EXIT.usage);
  const app = await (await connect()).app();
  // A mistyped id must not end in "nothing to replay".
  for (const id of ids) await oneLetter(app, id);
  const keys = await keysOf(app.deadLetters, filter);
  if (!options.dryRun && keys.length > 1) {
    await confirm(
      { does: `This puts ${count(keys.length, 'dead letter')} back to work.` },
      options.yes,
      context,
    );
  }
  const progress = screen.progress('Replay', keys.length);
  const outcomes: Outcome[] = [];
  for (const key of keys) {
    if (signal.aborted) break;
    const entry = await app.deadLetters.get(key);
    if (!entry) {
      outcomes.push({ id: key.id, outcome: 'gone' });
      continue;
    }
    const edited = edits ? await edit(entry.letter, options) : undefined;
    const plan = options.dryRun
      ? await planReplay(entry.letter, app, edited)
      : await replay(entry, whoIsThis(), app, edited);
    if ('refused' in plan) {
      outcomes.push({
        id: key.id,
        outcome: 'refused',
        code: plan.refused.code,
        reason: plan.refused.message,
      });
    } else {
      const queues = plan.sends.map(({ queue }) => queue);
      outcomes.push({ id: key.id, outcome: options.dryRun ? 'would be replayed' : 'replayed', queues });
    }
    progress.at(outcomes.length);
  }
  progress.end();
  tell(outcomes, options, context);
  if (outcomes.some(({ outcome }) => outcome === 'refused')) exitWith(EXIT.failed);
}

async function edit(letter: DeadLetter, { edit: byHand, set = [] }: ReplayOptions): Promise<unknown> {
  try {
    const value = messageValue(letter);
    const edited = set.length > 0 ? assign(value, set.map(parseAssignment)) : value;
    if (!byHand) return edited;
    const written = await editJson(edited);
    if (written === undefined && set.length === 0) {
      throw new CliError('Nothing was changed: nothing was sent.');
    }
    return written ?? edited;
  } catch (error) {
    if (error instanceof EditError) throw new CliError(error.message, EXIT.usage, { cause: error });
    throw error;
  }
}

function tell(
  outcomes: readonly Outcome[],
  { json, dryRun }: ReplayOptions,
  { screen }: CommandContext,
): void {
  if (json) {
    screen.line(JSON.stringify(outcomes, undefined, 2));
    return;
  }
  const sent = outcomes.filter(({ queues }) => queues);
  for (const { id, queues = [] } of dryRun ? sent : []) {
    screen.line(
      `${id.slice(0, SHORT_ID)}  would go to ${queues.join(', ') || 'no queue: its image is gone'}`,
    );
  }
  for (const { id, outcome, code, reason = '' } of outcomes) {
    if (outcome === 'refused')
      screen.line(
        `${id.slice(0, SHORT_ID)}  not replayed, it would die again (${code}): ${printable(reason)}`,
      );
  }
  const letters = count(sent.length, 'dead letter');
  screen.line(
    outcomes.length === 0
      ? 'There are no such dead letters.'
      : dryRun
        ? `${letters} would be replayed. Nothing was sent.`
        : `${letters} replayed.`,
  );
}
