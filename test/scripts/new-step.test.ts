import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyProject } from '../support/project-copy.ts';
import { projectRoot } from '../support/project-root.ts';

let project: Awaited<ReturnType<typeof copyProject>>;
beforeAll(async () => {
  project = await copyProject();
});
afterAll(() => project?.remove());

const TSC = 'node_modules/typescript/bin/tsc';
const VITEST = 'node_modules/vitest/vitest.mjs';
const newStep = (...args: string[]) => project.node('scripts/new-step/main.ts', ...args);
/** The steps that any process of the copy knows: by name, in their order. */
async function stepNames(): Promise<string[]> {
  const script = `import { openApp } from './src/app.ts';
    const app = await openApp({ AzureWebJobsStorage: 'UseDevelopmentStorage=true'});
    console.log(JSON.stringify(app.registry.names));`;
  const { output } = await project.node('--input-type=module', '--eval', script);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '[]');
}

test('new:step writes a step that compiles, that every process knows, and whose test passes', async () => {
  expect(await newStep('colourful')).toMatchObject({
    code: 0,
    output: expect.stringMatching(/wrote src\/steps/),
  });
  expect(await project.node(TSC, '--noEmit')).toEqual({ code: 0, output: '' });
  expect(await stepNames()).toContain('colourful');
  const tests = await project.node(VITEST, 'run', 'test/steps/colourful.test.ts');
  expect(tests, tests.output).toMatchObject({ code: 0, output: expect.stringMatching(/1 passed/) });
  const sample = JSON.parse(await readFile(join(project.folder, 'samples/messages/colourful.json'), 'utf8'));
  expect(sample.job_definition.processing_pipeline).toEqual(['colourful', 'pipelineoutput']);
});

test.each([
  [['Colourful'], /"Colourful" is not allowed: rename it to 3 to 56 lower-case/],
  [['ab'], /is not allowed/],
  [['class'], /is a word of TypeScript/],
  [['test'], /is a word of TypeScript or of its tests/],
  [['constructor'], /"constructor" is taken by JavaScript/],
  [['ocr'], /src\/steps\/ocr.ts is there already/],
  [[], /Give the name of the step/],
])('new:step %j is refused with what to do, and writes nothing', async (args, sentence) => {
  const { code, output } = await newStep(...args);
  expect(code).toBe(2);
  expect(output).toMatch(sentence);
  expect(output).not.toMatch(/ at .*:\d+:\d+/);
});

test('the steps of the guide compile, pass their tests and are known, as the guide prints them', async () => {
  const guide = await readFile(join(projectRoot, 'docs/write-a-step.md'), 'utf8');
  const files = [...guide.matchAll(/<!-- file: (\S+) -->\n```ts\n([\s\S]*?)```/g)];
  expect(files.map(([, file]) => file)).toEqual(
    expect.arrayContaining([
      'src/steps/sharpness.ts',
      'src/functions/sharpness.ts',
      'test/steps/sharpness.test.ts',
    ]),
  );
  const step = files.find(([, file]) => file === 'src/steps/sharpness.ts')?.[2] ?? '';
  expect(step.split('\n').length).toBeLessThanOrEqual(31);
  for (const [, file = '', text = ''] of files) await project.write(file, text);
  expect(await project.node(TSC, '--noEmit')).toEqual({ code: 0, output: '' });
  const tests = await project.node(VITEST, 'run', 'test/steps/sharpness.test.ts', 'test/steps/crowd.test.ts');
  expect(tests, tests.output).toMatchObject({ code: 0, output: expect.stringMatching(/Tests\s+2 passed/) });
  expect(await stepNames()).toEqual(expect.arrayContaining(['sharpness', 'crowd']));
});
