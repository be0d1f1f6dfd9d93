/** What is known of one code. */
export interface ErrorCode {
  /** What the pipeline does about it: see `errors.ts`. */
  kind: keyof typeof KINDS;
  meaning: string;
  /** What a person can do. */
  advice: string;
}

/** What the pipeline does by itself, by kind. */
export const KINDS = {
  permanent: 'recorded as failed at once; the job moves on',
  rejected: 'the image ends as a row of status rejected',
  ended: 'the image ends as a row of status superseded or gone',
  unavailable: 'recorded as unavailable, which is no failure; the job moves on',
  throttled: 'put back for as long as was asked; not an attempt',
  outage:
    'put back with growing delay for up to OUTAGE_LIMIT hours; not an attempt. Rows that wait for the database wait without limit',
  transient: 'tried again with back-off up to MAX_ATTEMPTS, then recorded as failed; the job moves on',
  skipped: 'the step did not run; the job moves on',
  dead: 'the message is kept as a dead letter',
  telling:
    'the event is sent again with growing delay for about three days, then it is a dead letter of the outbox',
  warning: 'the image counts as done; its row says so in warnings',
} as const;

export const RERUN_FAILED = 'then run "imaginem rerun --step <step> --failed"';
export const NEW_UPLOAD = 'The new upload is a job of its own.';
export const REPLAY = 'Correct it with "imaginem poison replay <id> --edit" (or --set), or drop it';

export const code = (kind: ErrorCode['kind'], meaning: string, advice: string): ErrorCode => ({
  kind,
  meaning,
  advice,
});
