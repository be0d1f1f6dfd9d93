import type { Finding } from './finding.ts';

/** The files that azd reads, as texts; `azuredeploy.json` is what they wrap. */
export interface AzdFiles {
  readonly 'azure.yaml': string;
  readonly 'infra/main.bicep': string;
  readonly 'infra/main.parameters.json': string;
  readonly 'azuredeploy.json': string;
}

interface Template {
  readonly parameters: Readonly<Record<string, { type: string; defaultValue?: unknown }>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** What azd itself puts into the environment that it substitutes from. */
const FROM_AZD = ['AZURE_ENV_NAME', 'AZURE_LOCATION', 'AZURE_PRINCIPAL_ID', 'AZURE_SUBSCRIPTION_ID'];
/** Others are prefixed: azd also looks into the shell's environment, where NODE_VERSION, say, is often set. */
const OURS = /^IMAGINEM_[A-Z_]+$/;

/** Types of the template's parameters, as Bicep calls them. */
const BICEP_TYPE: Readonly<Record<string, string>> = {
  securestring: 'string',
  secureObject: 'object',
};

/**
 * Holds the wrapper against what it wraps. Nothing here compiles Bicep: names, types and references are compared, which is
 * where a wrapper goes wrong when the template changes.
 */
export function azdFindings(texts: AzdFiles): Finding[] {
  const found: Finding[] = [];
  const say = (path: string, problem: string, remedy: string) =>
    found.push({ rule: 'azd', path, problem, remedy });
  const template = JSON.parse(texts['azuredeploy.json']) as Template;
  const bicep = texts['infra/main.bicep'].replace(/^\s*\/\/.*$/gm, '');
  const declared = new Map(
    [...bicep.matchAll(/^param (\w+) (\w+)( =)?/gm)].map(([, name = '', type = '', optional]) => [
      name,
      { type, optional: optional !== undefined },
    ]),
  );

  const [, body = ''] = /params: \{\n([\s\S]*?)\n {2}\}/.exec(bicep) ?? [];
  const passed = new Map(
    [...body.matchAll(/^\s+(\w+): (.+)$/gm)].map(([, to = '', value = '']) => [to, value]),
  );
  for (const [name, value] of passed) {
    const wanted = template.parameters[name];
    if (wanted === undefined) {
      say(
        `infra/main.bicep ${name}`,
        'is no parameter of azuredeploy.json',
        'Correct the name, or take it out.',
      );
      continue;
    }
    const type = declared.get(value)?.type;
    if (type !== undefined && type !== (BICEP_TYPE[wanted.type.toLowerCase()] ?? wanted.type.toLowerCase()))
      say(`infra/main.bicep ${name}`, `is given a ${type}`, `Declare ${value} as ${wanted.type}.`);
  }
  for (const [name, { defaultValue }] of Object.entries(template.parameters))
    if (defaultValue === undefined && !passed.has(name))
      say('infra/main.bicep', `does not pass ${name}`, 'Pass it: it has no default in azuredeploy.json.');
  for (const [, name = ''] of bicep.matchAll(/app\.outputs\.(\w+)/g))
    if (!(name in template.outputs))
      say(`infra/main.bicep ${name}`, 'is no output of azuredeploy.json', 'Correct the name.');

  const { parameters } = JSON.parse(texts['infra/main.parameters.json']) as {
    parameters: Record<string, { value: string }>;
  };
  for (const [name, { value }] of Object.entries(parameters)) {
    const path = `infra/main.parameters.json ${name}`;
    if (!declared.has(name)) say(path, 'is no parameter of infra/main.bicep', 'Correct the name.');
    const variable = /^\$\{(\w+)(?:=[^}]*)?\}$/.exec(value)?.[1];
    if (variable === undefined || !(FROM_AZD.includes(variable) || OURS.test(variable)))
      say(
        path,
        `is "${value}"`,
        `Write \${IMAGINEM_...=default}, or one of azd's own: ${FROM_AZD.join(', ')}.`,
      );
  }
  for (const [name, { optional }] of declared)
    if (!optional && !(name in parameters))
      say(
        `infra/main.bicep ${name}`,
        'gets no value',
        'Add it to infra/main.parameters.json, or a default here.',
      );

  const outputs = new Set([...bicep.matchAll(/^output (\w+) /gm)].map(([, name]) => name));
  for (const [, name = ''] of texts['azure.yaml'].replace(/#.*$/gm, '').matchAll(/\$\{(\w+)\}/g))
    if (!outputs.has(name))
      say(`azure.yaml \${${name}}`, 'is no output of infra/main.bicep', 'Add the output.');
  return found;
}
