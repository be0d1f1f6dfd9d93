import { withOutput } from '../../domain/step-name.ts';
import { namesIn, resolvePipeline } from '../../pipeline/definition/resolve.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { EXIT } from '../errors.ts';
import { pipelineText } from '../format/pipeline-text.ts';
import { pipelineInUse } from '../pipeline-in-use.ts';
import { knownSteps } from '../steps.ts';

export const addPipeline: AddCommand = (program, context) => {
  const group = program
    .command('pipeline')
    .description('which steps images go through, and what may be changed');
  group
    .command('show')
    .description('the definition, every step with what it needs, and the images under way')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples('imaginem pipeline show'))
    .action((options: { json?: boolean }) => show(options, context));
  group
    .command('check')
    .description('say what is wrong with a definition, and the corrected one')
    .argument('<definition>', 'steps by commas, as "submit --pipeline" and PIPELINE_DEFINITION have them')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `${examples('imaginem pipeline check "ocr,facecrop,pipelineoutput"')}\n\nExit code 1 where something is wrong. Nothing is connected to or changed.`,
    )
    .action((definition: string, options: { json?: boolean }) => check(definition, options, context));
};

async function show(options: { json?: boolean }, { connect, screen }: CommandContext): Promise<void> {
  const connection = await connect();
  const inUse = await pipelineInUse(await connection.app());
  const assumed = !connection.has('PIPELINE_DEFINITION');
  if (options.json) return screen.line(JSON.stringify({ ...inUse, assumed }, undefined, 2));
  screen.line(pipelineText(inUse, { assumed }));
}

async function check(
  definition: string,
  options: { json?: boolean },
  { screen, exitWith }: CommandContext,
): Promise<void> {
  // As "submit --pipeline" takes it: the output step stands last whether it is named or not.
  const asked = namesIn(definition);
  const resolved = { ...resolvePipeline(withOutput(asked), await knownSteps()), asked };
  if (resolved.faults.length > 0) exitWith(EXIT.failed);
  if (options.json) {
    screen.line(JSON.stringify(resolved, undefined, 2));
    return;
  }
  if (resolved.faults.length === 0) {
    screen.line(`Nothing is wrong with it:\n  ${resolved.definition.join(',')}`);
    return;
  }
  for (const fault of resolved.faults) screen.line(`- ${fault}`);
  screen.line(`\nCorrected:\n  ${resolved.definition.join(',')}`);
}
