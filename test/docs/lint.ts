import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AZ, AZ_GLOBAL, AZ_REQUIRED } from './az.ts';
import type { Command } from './shell-blocks.ts';

/** What a command may name: the project it stands in. */
export interface Project {
  readonly root: string;
  readonly scripts: readonly string[];
  /** Parameters of azuredeploy.json. */
  readonly parameters: readonly string[];
}

/** Programs that people have, and what they are for: not ours to check further. */
const OTHERS = ['sqlcmd', 'curl', 'func'];

/** Commands of azd that documents name: its reference lists them. */
const AZD =
  /^(?:auth login|env new \S+|env set [A-Z_]+ \S.*|up|down --purge|deploy|provision|hooks run \w+)$/;

/** Files that a command makes, and later ones name. */
const MADE = ['imaginem.zip', 'local.settings.json', 'photos'];

/** Flags of az that stand alone. */
const WITHOUT_VALUE = ['--what-if', '--wait'];

/** What is wrong with a documented command, each fault in a sentence; empty where nothing is. */
export function faultsOf({ words, text }: Command, project: Project): string[] {
  const [program, ...rest] = words;
  if (program === 'az') return azFaults(rest, project).map((fault) => `${text}: ${fault}`);
  if (program === 'npm') return npmFaults(rest, project).map((fault) => `${text}: ${fault}`);
  if (program === 'cp') return fileFaults(rest, project.root).map((fault) => `${text}: ${fault}`);
  if (program === 'azd') return AZD.test(rest.join(' ')) ? [] : [`${text}: azd has no such command.`];
  return OTHERS.includes(program ?? '') ? [] : [`${text}: "${program}" is no program known here.`];
}

function* pairs(words: readonly string[]): Generator<[string, string[]]> {
  let flag: string | undefined;
  let values: string[] = [];
  for (const word of words) {
    if (word.startsWith('--')) {
      if (flag) yield [flag, values];
      [flag, values] = [word, []];
    } else values.push(word);
  }
  if (flag) yield [flag, values];
}

function azFaults(words: readonly string[], project: Project): string[] {
  const first = words.findIndex((word) => word.startsWith('-'));
  const name = words.slice(0, first < 0 ? words.length : first).join(' ');
  const flags = AZ[name];
  if (flags === undefined) return [`"az ${name}" is not in test/docs/az.ts: look it up.`];
  const given = [...pairs(words)];
  const faults = given
    .filter(([flag]) => !flags.includes(flag) && !AZ_GLOBAL.includes(flag))
    .map(([flag]) => `"az ${name}" has no ${flag}.`);
  for (const required of AZ_REQUIRED[name] ?? [])
    if (!given.some(([flag]) => flag === required)) faults.push(`${required} is missing.`);
  for (const [flag, values] of given) {
    if (values.length === 0 && !WITHOUT_VALUE.includes(flag)) faults.push(`${flag} has no value.`);
    if (/^--(template-file|src|source)$/.test(flag)) faults.push(...fileFaults(values, project.root));
    if (flag === '--parameters' && name.startsWith('deployment '))
      faults.push(...parameterFaults(values, project));
  }
  return faults;
}

function parameterFaults(values: readonly string[], { parameters, root }: Project): string[] {
  return values.flatMap((value) => {
    const [name = '', ...assigned] = value.split('=');
    if (assigned.length === 0) return fileFaults([value], root);
    return parameters.includes(name) ? [] : [`azuredeploy.json has no parameter "${name}".`];
  });
}

function npmFaults([verb, name = '']: readonly string[], { scripts }: Project): string[] {
  if (verb === 'ci') return [];
  if (verb !== 'run') return [`"npm ${verb}" is not expected in a document about deployment.`];
  return scripts.includes(name) ? [] : [`package.json has no script "${name}".`];
}

const fileFaults = (paths: readonly string[], root: string): string[] =>
  paths
    .filter((path) => !MADE.includes(path) && !existsSync(join(root, path)))
    .map((path) => `there is no file ${path}.`);
