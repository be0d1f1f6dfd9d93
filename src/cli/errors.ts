import { PipelineError } from '../domain/errors.ts';

/** Exit codes of every command. */
export const EXIT = {
  ok: 0,
  /** It was tried and failed, or an image did. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
} as const;

/** Something to tell a person in a sentence, without a stack trace. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

const WRITTEN_FOR_PEOPLE = new Set(['CliError', 'SettingsError', 'DefinitionError']);

/** Codes of a service that nobody answers for. */
const AWAY = /ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|REQUEST_SEND_ERROR/;

/** What to tell of anything thrown: its message where it was written for people, else its kind and what to do. */
export function sentenceOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'Something that is not an Error was thrown.';
  const { code } = thrown as { code?: unknown };
  if (typeof code === 'string' && AWAY.test(code)) {
    return 'The storage account does not answer. Is the local instance running ("npm start")? For a deployment, look at AzureWebJobsStorage and at its firewall.';
  }
  // One line for each setting that is wrong.
  if (WRITTEN_FOR_PEOPLE.has(thrown.name) || thrown instanceof PipelineError) return thrown.message;
  const [first = ''] = thrown.message.split('\n');
  return first === '' ? `${thrown.name}.` : first;
}
