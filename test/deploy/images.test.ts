import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { validate } from 'dockerfile-utils';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { LEAST_NODE } from '../../src/domain/runtime.ts';
import { projectRoot } from '../support/project-root.ts';

const at = (path: string) => join(projectRoot, path);
const read = (path: string) => readFileSync(at(path), 'utf8');
const manifest = JSON.parse(read('package.json')) as { version: string; scripts: Record<string, string> };
const files = readdirSync(at('deploy')).filter((name) => name.endsWith('Dockerfile'));

/** What the app reads, and what the Functions host does (its own documentation names them). */
const settings = Object.keys(
  (JSON.parse(read('local.settings.json.example')) as { _comments: object })._comments,
);
const OTHERS = [
  'NODE_ENV',
  'MALLOC_ARENA_MAX',
  'FUNCTIONS_WORKER_RUNTIME',
  'AzureWebJobsScriptRoot',
  'AzureFunctionsJobHost__Logging__Console__IsEnabled',
  'AzureWebJobsDisableHomepage',
  'languageWorkers__node__arguments',
];
/** Read by parts that are no app: each must name it in its source. */
const BY_PARTS: Readonly<Record<string, string>> = {
  IMAGINEM_DATA: 'src/cli/paths.ts',
  VISION_ENGINE_KEY: 'src/local/vision/main.ts',
};
const isRead = (name: string): boolean =>
  settings.includes(name) || OTHERS.includes(name) || read(BY_PARTS[name] ?? 'LICENSE').includes(name);

/** Instructions, continued lines joined, comments left out. */
const instructions = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');

/** A script in dist is there once its source is. */
const isThere = (path: string): boolean =>
  existsSync(at(path)) || existsSync(at(path.replace(/^dist\//, '').replace(/\.js$/, '.ts')));

test('there are three', () => {
  expect(files.sort()).toEqual(['Dockerfile', 'engine.Dockerfile', 'functions.Dockerfile']);
});

describe.each(files)('deploy/%s', (file) => {
  const text = read(`deploy/${file}`);
  const lines = instructions(text);
  const of = (name: string) => lines.filter((line) => line.startsWith(`${name} `));
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));

  test('Docker would parse it', () => {
    expect(validate(text).map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([]);
  });

  test('what it copies is in the project, or in the stage that it names', () => {
    for (const line of of('COPY').filter((one) => !one.includes('--from=')))
      for (const path of line.split(' ').slice(1, -1)) expect(existsSync(at(path)), line).toBe(true);
    const stages = of('FROM').flatMap((line) => / AS (\w+)$/.exec(line)?.[1] ?? []);
    for (const [, stage] of text.matchAll(/--from=(\w+)/g)) expect(stages).toContain(stage);
  });

  test('what it runs is there', () => {
    for (const [, path = ''] of last.join('\n').matchAll(/"((?:dist|deploy|bin)\/[^"]+)"/g))
      expect(isThere(path), path).toBe(true);
    for (const [, script = ''] of text.matchAll(/npm run (\w\S*)/g))
      if (!text.includes(`"npm ${script}"`))
        expect(Object.keys(manifest.scripts)).toContain(script.replace(/[`.]$/, ''));
  });

  test('every variable that it sets is read by somebody', () => {
    for (const line of of('ENV'))
      for (const [, name = ''] of line.matchAll(/(?:^ENV|\s)\s*([A-Za-z_]\w*)=/g))
        expect(isRead(name), name).toBe(true);
  });

  test('it is on a supported Node, by an exact line of versions', () => {
    for (const line of of('FROM')) {
      const [, major = ''] = /node:(?:4-node)?(\d+)/.exec(line) ?? [];
      expect(Number(major), line).toBeGreaterThanOrEqual(LEAST_NODE);
      expect(line).not.toContain(':latest');
    }
  });

  // Rules of hadolint's that fit: DL3002 (last user not root), DL3020 (no ADD), DL3025 (JSON form), DL3000, DL3045.
  test('hadolint would be content', () => {
    expect(of('ADD')).toEqual([]);
    for (const line of [...of('CMD'), ...of('ENTRYPOINT')]) expect(line).toMatch(/^\w+ \[.*\]$/);
    for (const line of of('HEALTHCHECK')) expect(line).toMatch(/CMD \[.*\]$/);
    for (const line of of('WORKDIR')) expect(line).toMatch(/^WORKDIR \//);
    // The official Functions image runs as root, and its own entry point needs it.
    if (file !== 'functions.Dockerfile')
      expect(last.filter((line) => line.startsWith('USER ')).at(-1)).toBe('USER node');
  });
});

test('nothing that a person put into the folder reaches an image', () => {
  const ignored = read('.dockerignore').split('\n');
  for (const path of ['.git', '.imaginem*', 'local.settings.json', '**/node_modules', 'dist', 'build'])
    expect(ignored).toContain(path);
});

describe('deploy/compose.yaml', () => {
  const text = read('deploy/compose.yaml');
  const { services, volumes } = parse(text) as {
    services: Record<
      string,
      {
        image: string;
        build?: { context: string; dockerfile: string };
        network_mode?: string;
        ports?: unknown;
        volumes?: string[];
        environment?: Record<string, string>;
        profiles?: string[];
        entrypoint?: string[];
      }
    >;
    volumes: Record<string, null>;
  };

  test('what each service is built of is there, and its volumes are declared', () => {
    for (const [name, { build, volumes: mounted = [] }] of Object.entries(services)) {
      if (build) {
        expect(build.context, name).toBe('..');
        expect(statSync(at(build.dockerfile)).isFile()).toBe(true);
      }
      for (const one of mounted) expect(Object.keys(volumes)).toContain(one.split(':')[0]);
    }
  });

  test('every variable is read by somebody', () => {
    for (const { environment = {} } of Object.values(services))
      for (const name of Object.keys(environment)) expect(isRead(name), name).toBe(true);
  });

  test('no port is published: whoever reaches the app is its administrator', () => {
    for (const { ports } of Object.values(services)) expect(ports).toBeUndefined();
    expect(services.imaginem).toMatchObject({ network_mode: 'host', volumes: ['data:/data'] });
    expect(services.imaginem?.profiles).toBeUndefined();
  });

  test('the backup uses the command that there is, on the data of the app', () => {
    expect(services.backup?.entrypoint?.join(' ')).toContain('bin/imaginem.js backup "/backups/');
    expect(services.backup?.volumes).toContain('data:/data');
  });

  test('Azurite is not in it', () => {
    expect(text).not.toMatch(/azurite/i);
  });
});

describe('deploy/kubernetes/imaginem.yaml', () => {
  const documents = parseAllDocuments(read('deploy/kubernetes/imaginem.yaml')).map((one) => one.toJS());
  const kind = (name: string) => documents.find((one) => one.kind === name);
  const template = JSON.parse(read('azuredeploy.json')) as {
    variables: { queues: string[]; databaseName: string };
    outputs: Record<string, unknown>;
  };

  test('KEDA watches every queue of the template, and counts what can be taken now', () => {
    const triggers = kind('ScaledObject').spec.triggers as {
      type: string;
      metadata: Record<string, string>;
    }[];
    expect(triggers.map(({ metadata }) => metadata.queueName)).toEqual(template.variables.queues);
    for (const { type, metadata } of triggers) {
      expect(type).toBe('azure-queue');
      expect(metadata.queueLengthStrategy).toBe('visibleonly');
    }
  });

  test('timers have somewhere to run', () => {
    expect(kind('ScaledObject').spec.minReplicaCount).toBeGreaterThanOrEqual(1);
  });

  test('its settings are read by somebody', () => {
    const { data } = kind('ConfigMap') as { data: Record<string, string> };
    for (const name of Object.keys(data)) expect(isRead(name), name).toBe(true);
    expect(data.SQL_DATABASE).toBe(template.variables.databaseName);
  });

  test('everything is in one namespace, and refers to what is there', () => {
    for (const one of documents)
      if (one.kind !== 'Namespace') expect(one.metadata.namespace).toBe('imaginem');
    const { spec } = kind('Deployment');
    expect(kind('ScaledObject').spec.scaleTargetRef.name).toBe(kind('Deployment').metadata.name);
    expect(spec.template.spec.serviceAccountName).toBe(kind('ServiceAccount').metadata.name);
    expect(spec.selector.matchLabels.app).toBe(spec.template.metadata.labels.app);
  });

  test('what is to be filled in is an output of the template, or the repository', () => {
    const holes = read('deploy/kubernetes/imaginem.yaml').match(/<(\w+)>/g) ?? [];
    const known = [...Object.keys(template.outputs), 'owner'];
    expect(holes.map((one) => one.slice(1, -1)).filter((one) => !known.includes(one))).toEqual([]);
  });

  test('the image is of this version', () => {
    expect(kind('Deployment').spec.template.spec.containers[0].image).toMatch(
      new RegExp(`^ghcr\\.io/\\S+/imaginem-functions:${manifest.version.replaceAll('.', '\\.')}$`),
    );
  });
});

describe('systemd', () => {
  const unit = (name: string) => read(`deploy/systemd/${name}`);

  test('what the units start and document is there', () => {
    for (const name of readdirSync(at('deploy/systemd'))) {
      for (const [, path = ''] of unit(name).matchAll(
        /(?:^ExecStart=.*node |\/opt\/imaginem\/)((?:dist|bin|docs)\/\S+)/gm,
      ))
        expect(isThere(path), path).toBe(true);
      for (const [, variable = ''] of unit(name).matchAll(/^Environment=(\w+)=/gm))
        expect(isRead(variable)).toBe(true);
    }
  });

  test('only the launcher is asked to stop, and the data is its user’s alone', () => {
    const text = unit('imaginem.service');
    for (const line of ['KillMode=mixed', 'StateDirectoryMode=0700', 'UMask=0077', 'ProtectSystem=strict'])
      expect(text.split('\n')).toContain(line);
    // Compilers of JavaScript and WebAssembly write code and run it.
    expect(text).not.toContain('MemoryDenyWriteExecute');
  });

  test('backup and app are of the same user, on the same folder', () => {
    for (const line of ['User=imaginem', 'Environment=IMAGINEM_DATA=/var/lib/imaginem'])
      for (const name of ['imaginem.service', 'imaginem-backup.service'])
        expect(unit(name).split('\n')).toContain(line);
  });
});
