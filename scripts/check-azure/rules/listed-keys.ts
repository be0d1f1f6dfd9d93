import { calls, ExpressionError, isExpression, parseExpression } from '../arm/parse.ts';
import { texts } from '../arm/template.ts';
import type { Rule } from '../finding.ts';
import { inTemplate } from './support.ts';

export const listedKeys: Rule = {
  id: 'listed-key',
  why: 'A key that is read out at deployment is a key in use, and stands in an app setting for whoever may read those.',
  *check({ template }) {
    const { parameters, variables, resources, outputs } = template;
    for (const { path, text } of texts({ parameters, variables, resources, outputs }, '')) {
      if (!isExpression(text)) continue;
      let names: string[];
      try {
        names = [...calls(parseExpression(text))].map((call) => call.name);
      } catch (error) {
        // The rule `expression-syntax` has told of it.
        if (!(error instanceof ExpressionError)) throw error;
        continue;
      }
      for (const name of names.filter((one) => /^list./i.test(one)))
        yield {
          path: inTemplate(path),
          problem: `calls ${name}()`,
          remedy: 'Take it out: the app signs in by identity, and keys and shared access signatures are off.',
        };
    }
  },
};
