import { setTimeout as delay } from 'node:timers/promises';
import {
  goOnWithSwitch,
  type ModelAct,
  type ModelStatus,
  modelStatus,
  startSwitch,
} from '../../admin/switch-model.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { modelLines } from '../format/model-lines.ts';
import { refusedInWords } from '../refused.ts';
import { whoIsThis } from '../who.ts';

interface Json {
  json?: boolean;
}

const POLL_MS = 1000;

const ACTS: readonly { act: ModelAct; does: string }[] = [
  { act: 'pause', does: 'let the switch wait; what is enrolled already stays' },
  { act: 'resume', does: 'let a paused switch go on' },
  { act: 'finish', does: 'put the next model in use; what people decided stands' },
  { act: 'abandon', does: 'give the switch up; nothing that counts was touched by it' },
];

export const addModel: AddCommand = (program, context) => {
  const model = program
    .command('model')
    .description('models of recognition: which is in use, and a switch to another one')
    .addHelpText(
      'after',
      `${examples('imaginem model status', 'imaginem model start imaginem_02', 'imaginem model finish')}\n\nThe archive is enrolled anew in the background, while the model in use goes on answering. No print, pair or score of one model is compared with one of another.`,
    );
  model
    .command('status')
    .description('the model in use, and how far a switch is')
    .option('--wait', 'until every photograph is enrolled with the next model')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples('imaginem model status --wait'))
    .action((options: Json & { wait?: boolean }) => status(options, context));
  model
    .command('start')
    .description('enrol the archive anew with another model, beside the one in use')
    .argument('<model>', '"imaginem model status" names those that there are')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples('imaginem model start imaginem_02'))
    .action((name: string, options: Json) =>
      tell(options, context, async (app) => startSwitch(whoIsThis(), name, await app.models())),
    );
  for (const { act, does } of ACTS)
    model
      .command(act)
      .description(does)
      .option('--json', 'one JSON object')
      .addHelpText('after', examples(`imaginem model ${act}`))
      .action((options: Json) =>
        tell(options, context, async (app) => goOnWithSwitch(whoIsThis(), act, await app.models())),
      );
};

type App = Awaited<ReturnType<Awaited<ReturnType<CommandContext['connect']>>['app']>>;

async function tell(
  { json }: Json,
  { connect, screen }: CommandContext,
  work: (app: App) => Promise<ModelStatus>,
): Promise<void> {
  const app = await (await connect()).app();
  const stands = await refusedInWords(() => work(app));
  if (json) return screen.line(JSON.stringify(stands, undefined, 2));
  for (const line of modelLines(stands)) screen.line(line);
}

function status({ wait, ...options }: Json & { wait?: boolean }, context: CommandContext): Promise<void> {
  return tell(options, context, async (app) => {
    const parts = await app.models();
    for (;;) {
      const stands = await modelStatus(parts);
      if (!wait || stands.paused || stands.left === 0 || context.signal.aborted) return stands;
      await delay(POLL_MS, undefined, { signal: context.signal }).catch(() => undefined);
    }
  });
}
