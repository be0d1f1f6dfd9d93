import type { Parameter } from '../arm/template.ts';
import type { Rule } from '../finding.ts';
import { inTemplate, shown } from './support.ts';

const types = ['string', 'securestring', 'int', 'bool', 'object', 'secureobject', 'array'];

/** Whether a value is of a parameter's type; an expression is taken on trust, evaluation checks it. */
function fits(type: string, value: unknown): boolean {
  if (typeof value === 'string' && value.startsWith('[')) return true;
  switch (type.toLowerCase()) {
    case 'int':
      return Number.isInteger(value);
    case 'bool':
      return typeof value === 'boolean';
    case 'array':
      return Array.isArray(value);
    case 'object':
    case 'secureobject':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === 'string';
  }
}

export const isSecure = (parameter: Parameter): boolean => /^secure/i.test(parameter.type);

const isEmpty = (value: unknown) =>
  value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

/** What is wrong with a value for a parameter, or undefined. */
export function misfit(parameter: Parameter, value: unknown): string | undefined {
  if (!fits(parameter.type, value)) return `is no ${parameter.type}`;
  if (parameter.allowedValues !== undefined && !parameter.allowedValues.includes(value))
    return `is not one of ${shown(parameter.allowedValues)}`;
  const size = typeof value === 'number' ? value : undefined;
  if (size !== undefined && (size < (parameter.minValue ?? size) || size > (parameter.maxValue ?? size)))
    return `is not between ${shown(parameter.minValue)} and ${shown(parameter.maxValue)}`;
  const length = typeof value === 'string' && !value.startsWith('[') ? value.length : undefined;
  if (
    length !== undefined &&
    (length < (parameter.minLength ?? 0) || length > (parameter.maxLength ?? length))
  )
    return `is ${length} characters long`;
  return undefined;
}

export const parameterRules: readonly Rule[] = [
  {
    id: 'parameter-described',
    why: 'The portal shows the description to the administrator who fills in the form.',
    *check({ template }) {
      for (const [name, parameter] of Object.entries(template.parameters))
        if ((parameter.metadata?.description ?? '').length < 10)
          yield {
            path: inTemplate('parameters', name),
            problem: 'has no description',
            remedy: 'Say in metadata.description what it does and what to enter.',
          };
    },
  },
  {
    id: 'parameter-type',
    why: 'Azure refuses a parameter of an unknown type, or whose default it would not accept itself.',
    *check({ template }) {
      for (const [name, parameter] of Object.entries(template.parameters)) {
        const path = inTemplate('parameters', name);
        if (!types.includes(parameter.type.toLowerCase()))
          yield {
            path,
            problem: `has the type ${shown(parameter.type)}`,
            remedy: `Use one of ${types.join(', ')}.`,
          };
        const wrong =
          parameter.defaultValue === undefined ? undefined : misfit(parameter, parameter.defaultValue);
        if (wrong !== undefined)
          yield {
            path: `${path}.defaultValue`,
            problem: `${isSecure(parameter) ? 'the default' : shown(parameter.defaultValue)} ${wrong}`,
            remedy: 'Make the default one that the parameter accepts.',
          };
      }
    },
  },
  {
    id: 'secure-default',
    why: 'A default of a secure parameter is a secret in a public file.',
    *check({ template }) {
      for (const [name, parameter] of Object.entries(template.parameters))
        if (isSecure(parameter) && parameter.defaultValue !== undefined && !isEmpty(parameter.defaultValue))
          yield {
            path: inTemplate('parameters', name, 'defaultValue'),
            problem: 'is a secret, or looks like one',
            remedy: 'Leave it empty, or leave it out so that Azure asks.',
          };
    },
  },
  {
    id: 'secret-not-secure',
    why: 'The value of an ordinary parameter stays readable in the deployment history.',
    *check({ template }) {
      for (const [name, parameter] of Object.entries(template.parameters))
        if (/key$|password|secret|token$|connectionstring/i.test(name) && !isSecure(parameter))
          yield {
            path: inTemplate('parameters', name, 'type'),
            problem: `is ${parameter.type}, but the name says it is a secret`,
            remedy: 'Make it a securestring.',
          };
    },
  },
];
