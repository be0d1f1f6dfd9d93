import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check, type Files, files } from './check.ts';
import { code } from './code.ts';
import { rules } from './rules.ts';

/** The folder that holds the files: the project's own, unless another is named. */
const root = process.argv[2] ?? fileURLToPath(new URL('../../', import.meta.url));
const texts = Object.fromEntries(
  await Promise.all(files.map(async (file) => [file, await readFile(join(root, file), 'utf8')] as const)),
) as Files;

const findings = check(texts, code);
for (const { rule, path, problem, remedy } of findings)
  console.error(`${path}\n  ${problem}\n  ${remedy} [${rule}]\n`);
if (findings.length > 0) {
  console.error(`${findings.length} finding(s). Nothing was deployed.`);
  process.exitCode = 1;
} else console.log(`${files.join(', ')}: all ${rules.length} rules hold.`);
