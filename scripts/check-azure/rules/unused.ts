import { ExpressionError, isExpression, parseExpression } from '../arm/parse.ts';
import { namesRead } from '../arm/switches.ts';
import { texts } from '../arm/template.ts';
import type { Rule } from '../finding.ts';
import { inTemplate } from './support.ts';

/** Variables whose members are read one by one: each member must be used too. */
const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const unused: Rule = {
  id: 'unused',
  why: 'A parameter that changes nothing misleads whoever sets it.',
  *check({ template }) {
    const used = { parameters: new Set<string>(), variables: new Set<string>() };
    let everything = '';
    for (const { text } of texts(template, '')) {
      if (!isExpression(text)) continue;
      everything += text;
      try {
        const expression = parseExpression(text);
        for (const kind of ['parameters', 'variables'] as const)
          for (const name of namesRead(expression, kind)) used[kind].add(name);
      } catch (error) {
        if (!(error instanceof ExpressionError)) throw error;
      }
    }
    for (const kind of ['parameters', 'variables'] as const)
      for (const name of Object.keys(template[kind]))
        if (!used[kind].has(name))
          yield {
            path: inTemplate(kind, name),
            problem: 'is never used',
            remedy: 'Use it, or take it out.',
          };
    const reads = new Set(
      [...everything.matchAll(/variables\('(\w+)'\)(?:\.(\w+))?/g)].map(([, name, member]) =>
        member === undefined ? name : `${name}.${member}`,
      ),
    );
    for (const [name, group] of Object.entries(template.variables)) {
      if (!isGroup(group) || reads.has(name)) continue;
      for (const member of Object.keys(group))
        if (!reads.has(`${name}.${member}`))
          yield {
            path: inTemplate('variables', name, member),
            problem: 'is never used',
            remedy: 'Use it, or take it out.',
          };
    }
  },
};
