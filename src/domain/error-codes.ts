import { code, type ErrorCode, KINDS } from './error-codes/code.ts';
import { imageCodes } from './error-codes/image.ts';
import { jobCodes } from './error-codes/job.ts';
import { serviceCodes } from './error-codes/service.ts';
import { stepCodes } from './error-codes/step.ts';
import { tellingCodes } from './error-codes/telling.ts';

/**
 * Every stable error code, what it means and what would fix it: the one place that `imaginem why` and
 * `docs/errors.md` share. A code is never renamed: dashboards and people filter by it.
 */
export const errorCodes = {
  ...imageCodes,
  ...stepCodes,
  ...serviceCodes,
  ...jobCodes,
  ...tellingCodes,
} satisfies Record<string, ErrorCode>;

/** A code that this program gives: the compiler refuses one that is not explained. */
export type OwnCode = keyof typeof errorCodes;

declare const foreign: unique symbol;
/** A code that somebody else gives: a vision service, a step of one's own. */
type ForeignCode = string & { readonly [foreign]: true };
export const foreignCode = (code: string): ForeignCode => code as ForeignCode;

export type Code = OwnCode | ForeignCode;

const byService: ErrorCode = code(
  'permanent',
  'A code of the vision service: it refused the image or the request.',
  'The message says what it refuses. Upload another image, or correct the setting it names.',
);

/** What is known of a code; of a code that a service made up, what is true of all of those. */
export function explain(errorCode: string): ErrorCode {
  return Object.hasOwn(errorCodes, errorCode) ? errorCodes[errorCode as OwnCode] : byService;
}

/** Markdown takes `<id>` for a tag and shows nothing of it. */
const written = (sentence: string) => sentence.replaceAll('<', '&lt;');

/** `docs/errors.md`: compared by a test. */
export function errorsPage(): string {
  const rows = Object.entries(errorCodes).map(
    ([name, { kind, meaning, advice }]) =>
      `| \`${name}\` | ${kind} | ${written(meaning)} | ${written(advice)} |`,
  );
  return [
    '# Error codes',
    '',
    'Every failure carries one of these codes: in the journal, in a row, in a dead letter, in a log. `imaginem why <image>` shows',
    'the one that counts with its advice. Printed from `src/domain/error-codes.ts`, compared by a test.',
    '',
    '| Kind | What the pipeline does by itself |',
    '|---|---|',
    ...Object.entries(KINDS).map(([kind, does]) => `| ${kind} | ${does} |`),
    '',
    '| Code | Kind | Meaning | What to do |',
    '|---|---|---|---|',
    ...rows,
    '',
    `Any other code is the vision service's own (\`InvalidImageSize\`, say). ${byService.advice}`,
    '',
  ].join('\n');
}
