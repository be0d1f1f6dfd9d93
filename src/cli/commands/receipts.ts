import { silentLog } from '../../domain/ports.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { CliError } from '../errors.ts';
import { receiptLines } from '../format/receipt-lines.ts';
import { table } from '../format/table.ts';

export const addReceipts: AddCommand = (program, context) => {
  program
    .command('receipts')
    .description('receipts of erasures, newest first, or one of them')
    .argument('[id]', 'id of a receipt')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('imaginem receipts', 'imaginem receipts 20261126T1124Z-9b4f64c9 --json'))
    .action((id: string | undefined, options: { json?: boolean }) => receipts(id, options, context));
};

async function receipts(
  id: string | undefined,
  { json }: { json?: boolean },
  { connect, screen }: CommandContext,
): Promise<void> {
  const eraser = await (await (await connect()).app()).eraser(silentLog);
  if (id !== undefined) {
    const receipt = await eraser.receipt(id);
    if (!receipt) throw new CliError(`There is no receipt "${id}": "imaginem receipts" lists them.`);
    if (json) return screen.line(JSON.stringify(receipt, undefined, 2));
    for (const line of receiptLines(receipt)) screen.line(line);
    return;
  }
  const all = await eraser.receipts();
  if (json) return screen.line(JSON.stringify(all, undefined, 2));
  if (all.length === 0) return screen.line('Nothing has been erased.');
  screen.line(
    table(
      ['id', 'what', 'images', 'state', 'asked by', 'asked at'],
      all.map(({ id: one, kind, images, state, askedBy, askedAt }) => [
        one,
        kind,
        String(images),
        state,
        askedBy,
        askedAt,
      ]),
    ),
  );
}
