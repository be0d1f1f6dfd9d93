import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectRoot } from '../support/project-root.ts';
import { azFaults, type Project } from './az.ts';
import { type Command, commandsOf, section, shellBlocks } from './shell-blocks.ts';

const read = (path: string) => readFileSync(join(projectRoot, path), 'utf8');
const template = JSON.parse(read('azuredeploy.json')) as {
  parameters: Record<string, unknown>;
  outputs: Record<string, unknown>;
};
const project: Project = {
  root: projectRoot,
  parameters: Object.keys(template.parameters),
};

const documents = {
  'README.md': section(read('README.md'), '## Deploy to Azure'),
  'docs/deploy.md': read('docs/deploy.md'),
  'docs/operations.md': read('docs/operations.md'),
};

/** Commands of azd that its reference lists. */
const AZD =
  /^(?:auth login|env new \S+|env set [A-Z_]+ \S.*|up|down --purge|deploy|provision|hooks run \w+)$/;

const faultsOf = ({ words: [program, ...rest], text }: Command): string[] => {
  if (program === 'azd' && !AZD.test(rest.join(' '))) return [`${text}: azd has no such command.`];
  return program === 'az' ? azFaults(rest, project).map((fault) => `${text}: ${fault}`) : [];
};

// What every document is held to (bash, npm scripts, links) stands in documents.test.ts.
describe.each(Object.entries(documents))('%s', (_, markdown) => {
  test('every command of az and azd is known, with its flags; files and parameters exist', () => {
    const commands = shellBlocks(markdown).flatMap(commandsOf);
    expect(commands.flatMap(faultsOf)).toEqual([]);
    expect(commands.length).toBeGreaterThan(2);
  });

  test('what it takes from the outputs of the deployment is there', () => {
    const named = [...markdown.matchAll(/<(functionAppName|[a-z]+(?:Name|Fqdn|Uri|Statement|ClientId))>/g)];
    const known = [...Object.keys(template.outputs), 'identityName'];
    expect(named.map(([, name]) => name).filter((name) => !known.includes(name ?? ''))).toEqual([]);
  });

  test('it says that nothing of it was tried on a real subscription', () => {
    expect(markdown).toMatch(
      /not (been )?(deployed to|tried on) a real subscription|None of this was tried on a real subscription/,
    );
  });
});

test('the button leads to the portal with the encoded address of the template, and says what to replace', () => {
  const text = documents['README.md'];
  const [, encoded = ''] =
    /portal\.azure\.com\/#create\/Microsoft\.Template\/uri\/([^)\s]+)\)/.exec(text) ?? [];
  expect(decodeURIComponent(encoded)).toMatch(/^https:\/\/.*\/azuredeploy\.json$/);
  expect(text).toContain('%3Cowner%3E');
  expect(text).toMatch(/replace `%3Cowner%3E`/);
});

describe('a broken command is found', () => {
  const faults = (line: string) => commandsOf(line).flatMap(faultsOf);

  test.each([
    ['az group creat --name x --location y', /not in test\/docs\/az.ts/],
    ['az group create --nam x --location y', /--name is missing.*has no --nam\b/s],
    ['az group create --name --location y', /--name has no value/],
    ['az deployment group create --resource-group x --template-file azure.json', /no file azure.json/],
    [
      'az deployment group create --resource-group x --template-file azuredeploy.json --parameters sqlAdmin=x',
      /no parameter "sqlAdmin"/,
    ],
    [
      'az role assignment create --assignee a --role b --scope "$(az storage acount show)/x"',
      /az storage acount show/,
    ],
    ['azd upp', /azd has no such command/],
  ])('%s', (line, fault) => {
    expect(faults(line).join('\n')).toMatch(fault);
  });

  test('assignments, comments and nested commands are read as the shell reads them', () => {
    expect(
      commandsOf('A=1 B="two words" npm run x # why\nkey=$(az login)').map(({ words }) => words),
    ).toEqual([
      ['npm', 'run', 'x'],
      ['az', 'login'],
    ]);
  });
});
