import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object with fields',
  record: 'an object with fields',
  array: 'a list',
};

/** What is wrong with one value, in words that follow its name: "is missing: it must be a text". */
export function faultInWords(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type': {
      const kind = KINDS[issue.expected] ?? issue.expected;
      return /received undefined$/.test(issue.message) ? `is missing: it must be ${kind}` : `must be ${kind}`;
    }
    case 'too_small':
      return `must be ${amount(issue.origin, issue.minimum, issue.inclusive === false ? 'more than' : 'at least')}`;
    case 'too_big':
      return `must be ${amount(issue.origin, issue.maximum, issue.inclusive === false ? 'less than' : 'at most')}`;
    case 'unrecognized_keys':
      return `has fields that are not known: ${issue.keys.map((key) => key.slice(0, 100)).join(', ')}`;
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_format':
      return issue.message.startsWith('Invalid ') ? `must be a valid ${issue.format}` : issue.message;
    case 'invalid_union':
      return 'must have another form';
    default:
      // Written for people where the schema was.
      return issue.message;
  }
}

function amount(origin: string, limit: number | bigint, how: string): string {
  if (origin === 'string') return `${how} ${limit} characters long`;
  if (origin === 'array' || origin === 'set') return `${how} ${limit} long`;
  return `${how} ${limit}`;
}

/** The same with the name of what is wrong, `the message` where it is the whole. */
export function namedFault(issue: Issue, whole: string): string {
  const path = issue.path.join('.').slice(0, 200);
  return `${path === '' ? whole : path} ${faultInWords(issue)}`;
}
