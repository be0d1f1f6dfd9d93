import { isKnownFunction } from '../arm/evaluate.ts';
import { calls, ExpressionError, isExpression, parseExpression } from '../arm/parse.ts';
import { namesRead } from '../arm/switches.ts';
import { texts } from '../arm/template.ts';
import type { Context, Rule } from '../finding.ts';
import { inTemplate } from './support.ts';

function* expressions({ template }: Context) {
  const { parameters, variables, resources, outputs } = template;
  for (const { path, text } of texts({ parameters, variables, resources, outputs }, ''))
    if (isExpression(text)) yield { path, text };
}

/** The parsed expression, or undefined where the rule `expression-syntax` has something to say. */
function parsed(text: string) {
  try {
    return parseExpression(text);
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

export const expressionRules: readonly Rule[] = [
  {
    id: 'expression-syntax',
    why: 'Azure refuses the whole template for one bracket that is not closed.',
    *check(context) {
      for (const { path, text } of expressions(context))
        try {
          parseExpression(text);
        } catch (error) {
          if (!(error instanceof ExpressionError)) throw error;
          yield {
            path: inTemplate(path),
            problem: error.message,
            remedy: 'Balance brackets and quotes; a quote inside a text is written twice.',
          };
        }
    },
  },
  {
    id: 'known-function',
    why: 'Azure refuses a template that calls a function it does not have.',
    *check(context) {
      for (const { path, text } of expressions(context)) {
        const expression = parsed(text);
        if (expression === undefined) continue;
        for (const { name } of calls(expression))
          if (!isKnownFunction(name))
            yield {
              path: inTemplate(path),
              problem: `calls ${name}, which is not an ARM function known to this check`,
              remedy: 'Correct the name; if ARM has it, teach it to scripts/check-azure/arm.',
            };
      }
    },
  },
  {
    id: 'known-name',
    why: 'Azure refuses a template that reads a parameter or a variable that is not declared.',
    *check(context) {
      for (const { path, text } of expressions(context)) {
        const expression = parsed(text);
        if (expression === undefined) continue;
        for (const kind of ['parameters', 'variables'] as const)
          for (const name of namesRead(expression, kind))
            if (!Object.hasOwn(context.template[kind], name))
              yield {
                path: inTemplate(path),
                problem: `reads ${kind}('${name}'), which is not declared`,
                remedy: `Declare it under ${kind}, or correct the name.`,
              };
      }
    },
  },
  {
    id: 'evaluates',
    why: 'What fails to evaluate fails in the middle of a deployment.',
    *check({ scenarios }) {
      for (const scenario of scenarios)
        for (const { path, problem } of scenario.problems)
          yield {
            path: inTemplate(path),
            problem,
            remedy: `Seen with ${scenario.name}. Correct the expression.`,
          };
    },
  },
];
