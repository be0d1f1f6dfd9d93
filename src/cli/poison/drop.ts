import { dropLetter } from '../../admin/drop-letter.ts';
import { keysOf } from '../../admin/select-letters.ts';
import type { CommandContext } from '../command.ts';
import { confirm } from '../confirm.ts';
import { count } from '../format/count.ts';
import { whoIsThis } from '../who.ts';
import { chosen, type FilterOptions } from './filter.ts';
import { oneLetter } from './letter.ts';

export interface DropOptions extends FilterOptions {
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
}

/** Removes dead letters for good, once that is confirmed. */
export async function drop(ids: string[], options: DropOptions, context: CommandContext): Promise<void> {
  const { screen, signal, connect } = context;
  const filter = chosen(ids, options);
  const app = await (await connect()).app();
  for (const id of ids) await oneLetter(app, id);
  const keys = await keysOf(app.deadLetters, filter);
  const letters = count(keys.length, 'dead letter');
  if (!options.dryRun && keys.length > 0) {
    const does = `This drops ${letters} for good ("imaginem poison list" shows them).`;
    await confirm({ does }, options.yes, context);
  }
  const dropped: string[] = [];
  const progress = screen.progress('Drop', keys.length);
  for (const key of options.dryRun ? [] : keys) {
    if (signal.aborted) break;
    const entry = await app.deadLetters.get(key);
    if (entry) {
      if (await dropLetter(entry, whoIsThis(), app)) dropped.push(key.id);
    }
    progress.at(dropped.length);
  }
  progress.end();
  if (options.json) {
    const ids = options.dryRun ? keys.map(({ id }) => id) : dropped;
    screen.line(JSON.stringify({ dropped: ids, dry_run: options.dryRun === true }));
    return;
  }
  if (keys.length === 0) screen.line('There are no such dead letters.');
  else if (options.dryRun) screen.line(`${letters} would be dropped. Nothing was.`);
  else screen.line(`${count(dropped.length, 'dead letter')} dropped.`);
  const left = keys.length - dropped.length;
  if (!options.dryRun && left > 0 && !signal.aborted)
    screen.line(`${count(left, 'dead letter')} changed meanwhile and stayed.`);
}
