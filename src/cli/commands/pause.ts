import { Option } from 'commander';
import { pauseStep, resumeStep } from '../../admin/pause.ts';
import type { Pause } from '../../pipeline/delivery/pauses.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { EXIT } from '../errors.ts';
import { printable } from '../format/printable.ts';
import { refuseUnknownSteps } from '../known-step.ts';
import { whoIsThis } from '../who.ts';

interface PauseOptions {
  as: string;
  reason?: string;
  json?: boolean;
}
interface ResumeOptions {
  as: string;
  force?: boolean;
  json?: boolean;
}

const AS = 'who you are';
const asWho = () => new Option('--as <name>', AS).default(whoIsThis(), 'user@computer');

/** `pause` and `resume`. */
export const addPause: AddCommand = (program, context) => {
  program
    .command('pause')
    .description('let the messages of steps wait; none is lost, no attempt is counted')
    .argument('<steps...>', 'names of steps')
    .option('--reason <text>', 'shown to whoever asks')
    .addOption(asWho())
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `${examples('imaginem pause pipelineoutput --reason "database moves"')}\n\nWorkers notice within five seconds. Messages are put back for up to a minute at a time, until "resume".`,
    )
    .action((steps: string[], options: PauseOptions) => pause(steps, options, context));
  program
    .command('resume')
    .description('let paused steps go on: those named, or all that you have paused')
    .argument('[steps...]', 'steps; without any: all that you have paused')
    .addOption(asWho())
    .option('--force', 'also what somebody else has paused')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples('imaginem resume', 'imaginem resume ocr --force'))
    .action((steps: string[], options: ResumeOptions) => resume(steps, options, context));
};

const describe = ({ step, by, at, reason }: Pause): string =>
  printable(`${step}: paused by ${by} since ${at}${reason === '' ? '' : ` (${reason})`}`);

async function pause(
  steps: string[],
  { as, reason = '', json }: PauseOptions,
  context: CommandContext,
): Promise<void> {
  const app = await (await context.connect()).app();
  refuseUnknownSteps(steps, app.registry);
  const paused: string[] = [];
  const already: Pause[] = [];
  for (const step of new Set(steps)) {
    const before = await pauseStep(step, reason, as, app);
    if (before) already.push(before);
    else paused.push(step);
  }
  if (json) return context.screen.line(JSON.stringify({ paused, already }, undefined, 2));
  if (paused.length > 0) context.screen.line(`Paused: ${paused.join(', ')}. Their messages wait.`);
  for (const one of already) context.screen.line(`Already so. ${describe(one)}`);
}

async function resume(
  steps: string[],
  { as, force, json }: ResumeOptions,
  context: CommandContext,
): Promise<void> {
  const app = await (await context.connect()).app();
  const pauses = await app.pauses.list();
  refuseUnknownSteps(steps, app.registry);
  const asked = steps.length === 0 ? pauses : pauses.filter(({ step }) => steps.includes(step));
  const mine = asked.filter(({ by }) => force || by === as);
  const others = asked.filter((one) => !mine.includes(one));
  for (const { step } of mine) await resumeStep(step, as, app);
  if (steps.length > 0 && others.length > 0) context.exitWith(EXIT.failed);
  const resumed = mine.map(({ step }) => step);
  if (json) return context.screen.line(JSON.stringify({ resumed, left: others }, undefined, 2));
  const notPaused = steps.filter((name) => !pauses.some(({ step }) => step === name));
  if (notPaused.length > 0) context.screen.line(`Not paused: ${notPaused.join(', ')}.`);
  if (resumed.length > 0)
    context.screen.line(`Resumed: ${resumed.join(', ')}. Messages go on within a minute.`);
  for (const one of others) context.screen.line(`Left as it is (--force resumes it). ${describe(one)}`);
  if (resumed.length + others.length + notPaused.length === 0) context.screen.line('Nothing is paused.');
}
