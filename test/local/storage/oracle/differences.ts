import type { ServiceName } from '../wire/account.ts';
import type { PlainAnswer } from './normalise.ts';
import type { Step } from './operation.ts';

/** What was asked, what Azurite answered and what our service did. */
export interface Pair {
  readonly service: ServiceName;
  readonly step: Step & Readonly<Record<string, unknown>>;
  readonly azurite: PlainAnswer;
  readonly ours: PlainAnswer;
}

/** One way in which our service may answer differently. */
interface Difference {
  readonly name: string;
  /** Why ours is right, or why it does not matter. */
  readonly reason: string;
  /** Takes out of both answers what may differ; gives the pair back as it is where this difference has no say. */
  readonly allow: (pair: Pair) => Pair;
  /** The two services have different contents from here on: the sequence ends. */
  readonly parts?: (pair: Pair) => boolean;
}

/** Every allowed difference. Anything else is a defect of ours. */
export const DIFFERENCES: readonly Difference[] = [
  {
    name: 'words of errors',
    reason: 'The documentation fixes status and code; the words, and details beside them, are for people.',
    allow: (pair) =>
      pair.azurite.status < 400 || pair.ours.status < 400 ? pair : both(pair, (answer) => onlyCode(answer)),
  },
  {
    name: 'errors without a code',
    reason:
      'Azurite answers some wrong parameters with an empty 400, without code and request id; the service always has both.',
    allow: (pair) =>
      pair.azurite.status === 400 && codeOf(pair.azurite) === '' && is4xx(pair.ours)
        ? { ...pair, azurite: pair.ours }
        : pair,
  },
  {
    name: 'which of two faults is told',
    reason:
      'A wrong parameter, a body that is too large, something that is not there, all at once: the documentation has no order of them.',
    allow: (pair) => {
      const [theirs, own] = [faultOf(pair.azurite), faultOf(pair.ours)];
      return theirs !== '' && own !== '' && theirs !== own ? { ...pair, azurite: pair.ours } : pair;
    },
  },
  {
    name: 'no signature',
    reason: 'Documented: without an Authorization header 401 NoAuthenticationInformation (Azurite: 403).',
    allow: (pair) =>
      pair.step.kind === 'refused' && pair.azurite.status === 403 && pair.ours.status === 401
        ? { ...pair, azurite: pair.ours }
        : pair,
  },
  {
    name: 'a wrong signature',
    reason: 'Documented: 403 AuthenticationFailed (Azurite says AuthorizationFailure of blobs and tables).',
    allow: (pair) =>
      pair.step.kind === 'refused' &&
      pair.azurite.status === 403 &&
      codeOf(pair.ours) === 'AuthenticationFailed'
        ? { ...pair, azurite: pair.ours }
        : pair,
  },
  {
    name: 'Cache-Control of answers',
    reason: 'The service forbids caches to keep its answers, Azurite says it of some only.',
    allow: (pair) =>
      pair.service === 'blob' && 'x-ms-blob-type' in pair.ours.headers
        ? pair
        : withoutHeaders(pair, 'cache-control'),
  },
  {
    name: 'hidden until the end of its life',
    reason:
      'Documented: a message may not be invisible beyond its expiry. Azurite looks only where a time to live was given, not at the seven days of the rest.',
    allow: (pair) => pair,
    parts: ({ step, azurite, ours }) => step.kind === 'send' && azurite.status === 201 && ours.status === 400,
  },
  {
    name: 'MaxResults that nobody asked for',
    reason: 'Documented: a listing repeats the parameters it was given; Azurite adds its default of 5000.',
    allow: (pair) =>
      pair.step.max === undefined
        ? both(pair, (answer) => ({
            ...answer,
            body: answer.body.replace('<MaxResults>5000</MaxResults>', ''),
          }))
        : pair,
  },
];

/** The two answers less all that may differ. */
export const allowed = (pair: Pair): Pair => DIFFERENCES.reduce((rest, { allow }) => allow(rest), pair);

const both = (pair: Pair, change: (answer: PlainAnswer) => PlainAnswer): Pair => ({
  ...pair,
  azurite: change(pair.azurite),
  ours: change(pair.ours),
});

const withoutHeaders = (pair: Pair, ...names: readonly string[]): Pair =>
  both(pair, (answer) => ({
    ...answer,
    headers: Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !names.includes(name))),
  }));

const is4xx = ({ status }: PlainAnswer): boolean => status >= 400 && status < 500;

const codeOf = ({ headers, body }: PlainAnswer): string =>
  headers['x-ms-error-code'] ?? /<Code>(\w+)|"code":"(\w+)/.exec(body)?.slice(1).find(Boolean) ?? '';

/** The kinds of faults that one request can have at once. */
function faultOf(answer: PlainAnswer): '' | 'missing' | 'large' | 'parameter' {
  const code = codeOf(answer);
  if (/^(?:Queue|Container|Table|Blob)NotFound$/.test(code)) return 'missing';
  if (/TooLarge$/.test(code)) return 'large';
  return /^(?:OutOfRange|Invalid|MissingRequired)(?:QueryParameterValue|QueryParameter|HeaderValue|Input)$/.test(
    code,
  )
    ? 'parameter'
    : '';
}

const onlyCode = (answer: PlainAnswer): PlainAnswer => ({ ...answer, body: codeOf(answer) });
