/** `npm run new:step -- <name>`: writes a step, its function and a passing test, to be changed. */
import { access, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nameFault } from '../../src/pipeline/definition/registry.ts';
import { commandLine } from '../command-line.ts';
import { filesOf } from './files.ts';

/** Words of the language, and names that the test has taken, cannot name the constant that the file exports. */
const RESERVED =
  /^(arguments|await|break|case|catch|class|const|continue|debugger|default|delete|else|enum|eval|export|extends|false|finally|for|function|implements|import|instanceof|interface|let|new|null|package|private|protected|public|return|static|super|switch|this|throw|true|try|typeof|undefined|var|void|while|with|yield|expect|test)$/;

const project = fileURLToPath(new URL('../../', import.meta.url));
const fault = await newStep();
if (fault !== undefined) {
  console.error(fault);
  process.exitCode = 2;
}

/** @returns what is wrong with the command line */
async function newStep(): Promise<string | undefined> {
  const command = commandLine('new:step', 'Writes a step, its function and a passing test, to be changed.')
    .argument(
      '[name]',
      'its queue, function and column: 3 to 56 lower-case letters and digits, a letter first',
    )
    .allowExcessArguments()
    .addHelpText('after', '\nExample:\n  npm run new:step -- sharpness\n\nA guide: docs/write-a-step.md')
    .parse();
  const [name] = command.args;
  if (name === undefined || command.args.length > 1) {
    return 'Give the name of the step: npm run new:step -- <name>';
  }
  const wrong = nameFault(name);
  if (wrong !== undefined) return wrong;
  if (RESERVED.test(name)) {
    return `"${name}" is a word of TypeScript or of its tests: choose another name for the step.`;
  }
  const files = filesOf(name);
  for (const file of Object.keys(files)) {
    if (await exists(join(project, file))) {
      return `${file} is there already: choose another name, or remove it.`;
    }
  }
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(project, file)), { recursive: true });
    await writeFile(join(project, file), text, { flag: 'wx' });
    console.log(`wrote ${file}`);
  }
  console.log(
    [
      '',
      `Change them, then: npx vitest run test/steps/${name}.test.ts`,
      `To run it on new images: npm run build, then add "${name}" to PIPELINE_DEFINITION. npx imaginem pipeline check "..." says where.`,
      'A guide: docs/write-a-step.md',
    ].join('\n'),
  );
  return undefined;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
