import { calls, ExpressionError, isExpression, parseExpression } from '../arm/parse.ts';
import { parametersBehind } from '../arm/switches.ts';
import { type Template, texts } from '../arm/template.ts';
import type { Rule } from '../finding.ts';
import { isSecure } from './parameters.ts';
import { inTemplate } from './support.ts';

/** Properties of a deployed resource that open something. */
const secretProperty = /\.(\w*(key|password|secret|connectionstring|token)\w*)/i;

function secretsIn(template: Template, text: string): string[] {
  if (!isExpression(text)) return [];
  try {
    const expression = parseExpression(text);
    const secure = [...parametersBehind(template, expression)].filter((name) => {
      const parameter = template.parameters[name];
      return parameter !== undefined && isSecure(parameter);
    });
    const lists = [...calls(expression)].map((call) => call.name).filter((name) => /^list/i.test(name));
    const property = /reference\(/i.test(text) ? secretProperty.exec(text)?.[1] : undefined;
    return [
      ...secure.map((name) => `the secure parameter ${name}`),
      ...lists.map((name) => `${name}()`),
      ...(property === undefined ? [] : [`the property ${property}`]),
    ];
  } catch (error) {
    if (error instanceof ExpressionError) return [];
    throw error;
  }
}

export const outputs: Rule = {
  id: 'secret-output',
  why: 'Outputs stay readable in the deployment history, for everyone who may read the resource group.',
  *check({ template }) {
    for (const { path, text } of texts(template.outputs, 'outputs'))
      for (const secret of secretsIn(template, text))
        yield {
          path: inTemplate(path),
          problem: `gives away ${secret}`,
          remedy: 'Take it out: whoever needs it reads it where it lives, with a role.',
        };
  },
};
