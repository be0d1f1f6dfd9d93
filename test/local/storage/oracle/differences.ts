import type { ServiceName } from '../wire/account.ts';
import { BLOB_DIFFERENCES } from './blob-differences.ts';
import type { Difference } from './difference.ts';
import { both, codeOf, faultOf, is4xx, onlyCode, type Pair, withoutHeaders } from './pair.ts';
import { TABLE_DIFFERENCES } from './table-differences.ts';

/** Allowed differences in what is answered of errors, of queues, and of anything. */
const COMMON_DIFFERENCES: readonly Difference[] = [
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

const of = (service: ServiceName, differences: readonly Difference[]): readonly Difference[] =>
  differences.map((one) => ({
    ...one,
    allow: (pair) => (pair.service === service ? one.allow(pair) : pair),
    ...(one.parts && { parts: (pair: Pair) => pair.service === service && one.parts?.(pair) === true }),
  }));

/** Every allowed difference. Anything else is a defect of ours. */
export const DIFFERENCES: readonly Difference[] = [
  ...COMMON_DIFFERENCES,
  ...of('blob', BLOB_DIFFERENCES),
  ...of('table', TABLE_DIFFERENCES),
];

/** The two answers less all that may differ. */
export const allowed = (pair: Pair): Pair => DIFFERENCES.reduce((rest, { allow }) => allow(rest), pair);
