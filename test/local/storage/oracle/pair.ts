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

export const both = (pair: Pair, change: (answer: PlainAnswer) => PlainAnswer): Pair => ({
  ...pair,
  azurite: change(pair.azurite),
  ours: change(pair.ours),
});

export const withoutHeaders = (pair: Pair, ...names: readonly string[]): Pair =>
  both(pair, (answer) => ({
    ...answer,
    headers: Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !names.includes(name))),
  }));

export const is4xx = ({ status }: PlainAnswer): boolean => status >= 400 && status < 500;

export const codeOf = ({ headers, body }: PlainAnswer): string =>
  headers['x-ms-error-code'] ?? /<Code>(\w+)|"code":"(\w+)/.exec(body)?.slice(1).find(Boolean) ?? '';

/** The kinds of faults that one request can have at once. */
export function faultOf(answer: PlainAnswer): string {
  const code = codeOf(answer);
  if (/^(?:Queue|Container|Table|Blob)NotFound$/.test(code)) return 'missing';
  if (/TooLarge$/.test(code)) return 'large';
  if (/^(?:ConditionNotMet|UnsatisfiableCondition|BlobAlreadyExists)$/.test(code)) return 'condition';
  if (/^Lease/.test(code)) return 'lease';
  if (/^(?:Md5Mismatch|InvalidBlockList|InvalidRange)$/.test(code)) return 'content';
  return /^(?:OutOfRange|Invalid|MissingRequired)(?:QueryParameterValue|QueryParameter|HeaderValue|Input)$/.test(
    code,
  )
    ? 'parameter'
    : '';
}

export const onlyCode = (answer: PlainAnswer): PlainAnswer => ({
  ...answer,
  body: codeOf(answer),
  headers: { ...answer.headers, ...('content-type' in answer.headers && { 'content-type': '<type>' }) },
});

export const inBody = (pair: Pair, pattern: RegExp, by: string): Pair =>
  both(pair, (answer) => ({ ...answer, body: answer.body.replace(pattern, by) }));

/** The items of a listing of blobs in the order of their text. */
export function sortItems(answer: PlainAnswer): PlainAnswer {
  const [, head = '', items = '', tail = ''] = /^(.*<Blobs>)(.*)(<\/Blobs>.*)$/s.exec(answer.body) ?? [];
  if (items === '') return answer;
  const sorted = items.split(/(?=<Blob>|<BlobPrefix>)/).sort();
  return { ...answer, body: `${head}${sorted.join('')}${tail}` };
}
