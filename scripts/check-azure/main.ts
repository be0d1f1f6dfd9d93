import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AzdFiles, azdFindings } from './azd.ts';
import { check, type Files, files } from './check.ts';
import { code } from './code.ts';
import { rules } from './rules.ts';

/** The folder that holds the files: the project's own, unless another is named. */
const root = process.argv[2] ?? fileURLToPath(new URL('../../', import.meta.url));
const read = async (names: readonly string[]) =>
  Object.fromEntries(
    await Promise.all(names.map(async (file) => [file, await readFile(join(root, file), 'utf8')] as const)),
  );
const texts = (await read(files)) as Files;
const wrapper = ['azure.yaml', 'infra/main.bicep', 'infra/main.parameters.json'];

const findings = check(texts, code);
// Another folder need not have what azd reads.
if (process.argv[2] === undefined)
  findings.push(...azdFindings((await read([...wrapper, 'azuredeploy.json'])) as unknown as AzdFiles));
for (const { rule, path, problem, remedy } of findings)
  console.error(`${path}\n  ${problem}\n  ${remedy} [${rule}]\n`);
if (findings.length > 0) {
  console.error(`${findings.length} finding(s). Nothing was deployed.`);
  process.exitCode = 1;
} else console.log(`${files.join(', ')}: all ${rules.length} rules hold.`);
