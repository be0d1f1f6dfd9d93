import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { RecordedError } from '../../domain/errors.ts';
import type { Clock } from '../../domain/ports.ts';
import type { StorageAccount } from '../../storage/account.ts';
import { containers, tables } from '../../storage/names.ts';
import { type Row, type Table, tableKey } from '../../storage/tables.ts';

/** A message that could not be worked on: who, where, why, how often, and the whole of it. */
export interface DeadLetter {
  /** Hash of queue and message text: the same bad message posted again is the same dead letter, seen once more. */
  id: string;
  queue: string;
  error: RecordedError;
  /** Where the message said so. */
  jobId?: string;
  batchId?: string;
  /** How often it was given up, replays included. */
  times: number;
  /** How often the Functions host gave the message up before it was blamed; 0 where it was refused at once. */
  attempts: number;
  /** ISO 8601. */
  firstSeen: string;
  lastSeen: string;
  /** The message as it was received. */
  message: string;
}

/** Where a dead letter is kept. */
export type DeadLetterKey = Pick<DeadLetter, 'queue' | 'id'>;

/** A dead letter and the version of it that was read. */
export interface DeadLetterEntry {
  letter: DeadLetter;
  etag: string;
}

/** Characters of a message that a table property takes (32 Ki); a longer one is kept as a blob. */
const INLINE = 32_000;

/** What a replayed message carries, so that dying again it is the same dead letter. */
export const REPLAYED = 'replayed';
const replayedSchema = z.object({
  queue: z.string(),
  id: z.string().regex(/^[0-9a-f]{32}$/),
  times: z.int().min(1).max(1_000_000),
  first_seen: z.iso.datetime(),
});
export type Replayed = z.infer<typeof replayedSchema>;

/** Keeps dead letters in table `deadletters`, partition = queue. */
export class DeadLetters {
  readonly #storage: StorageAccount;
  readonly #rows: Table;
  readonly #clock: Clock;

  constructor(storage: StorageAccount, clock: Clock) {
    this.#storage = storage;
    this.#rows = storage.tables.table(tables.deadLetters);
    this.#clock = clock;
  }

  async record(
    letter: Pick<DeadLetter, 'queue' | 'error' | 'jobId' | 'batchId' | 'message'> & { attempts?: number },
  ): Promise<string> {
    const replayed = replayedIn(letter.message, letter.queue);
    const id = replayed?.id ?? hash(`${letter.queue}\n${letter.message}`);
    const now = new Date(this.#clock()).toISOString();
    const seen = await this.#rows.get(tableKey(letter.queue), id);
    let message = letter.message;
    if (message.length > INLINE) {
      await this.#storage.blobs.write(
        containers.largeMessages,
        blobName(id),
        Buffer.from(message),
        'text/plain; charset=utf-8',
      );
      message = '';
    }
    await this.#rows.upsert(tableKey(letter.queue), id, {
      queue: letter.queue,
      errorCode: letter.error.code,
      errorMessage: letter.error.message,
      jobId: letter.jobId ?? '',
      batchId: letter.batchId ?? '',
      times: Math.max(Number(seen?.columns.times ?? 0), replayed?.times ?? 0) + 1,
      attempts: letter.attempts ?? 0,
      firstSeen: replayed?.first_seen ?? (seen ? String(seen.columns.firstSeen) : now),
      lastSeen: now,
      message,
    });
    return id;
  }

  /** @returns undefined where it is not, or no longer, kept */
  async get({ queue, id }: DeadLetterKey): Promise<DeadLetterEntry | undefined> {
    const row = await this.#rows.get(tableKey(queue), id);
    return row && { letter: await this.#letter(row), etag: row.etag };
  }

  /** All of one queue, or all. */
  async *list(queue?: string): AsyncGenerator<DeadLetter> {
    const range = queue === undefined ? {} : { partitionKey: tableKey(queue) };
    for await (const row of this.#rows.list(range)) yield await this.#letter(row);
  }

  /** As `list`, without the messages, from behind a given one on: by queue and id. */
  async *summaries(
    range: { queue?: string; after?: DeadLetterKey; jobId?: string } = {},
  ): AsyncGenerator<Omit<DeadLetter, 'message'>> {
    const { queue, after, jobId } = range;
    for await (const { rowKey, columns } of this.#rows.list({
      select: SUMMARY_COLUMNS,
      ...(queue !== undefined && { partitionKey: tableKey(queue) }),
      ...(after && { after: { partitionKey: tableKey(after.queue), rowKey: after.id } }),
      ...(jobId !== undefined && { where: { jobId } }),
    })) {
      yield toSummary(rowKey, columns);
    }
  }

  /**
   * Changes whenever a dead letter is recorded or removed, as far as one page of the table tells.
   *
   * @returns how many there are, counted up to `limit`, and when the newest of those was seen
   */
  async pulse(limit = 1000): Promise<{ count: number; latest: string | undefined }> {
    let count = 0;
    let latest: string | undefined;
    for await (const { columns } of this.#rows.list({ select: ['lastSeen'] })) {
      const seen = String(columns.lastSeen ?? '');
      if (latest === undefined || seen > latest) latest = seen;
      count += 1;
      if (count === limit) break;
    }
    return { count, latest };
  }

  /** Removes a dead letter for good. @returns false where it was seen again since it was read, and stays */
  async remove({ letter, etag }: DeadLetterEntry): Promise<boolean> {
    if (!(await this.#rows.delete(tableKey(letter.queue), letter.id, etag))) return false;
    if (letter.message.length > INLINE)
      await this.#storage.blobs.delete(containers.largeMessages, blobName(letter.id));
    return true;
  }

  /** Puts another message in the place of a dead letter's own, under the same id. */
  async rewrite({ queue, id }: DeadLetterKey, message: string): Promise<void> {
    const inline = message.length <= INLINE;
    const { blobs } = this.#storage;
    if (inline) await blobs.delete(containers.largeMessages, blobName(id));
    else {
      const type = 'text/plain; charset=utf-8';
      await blobs.write(containers.largeMessages, blobName(id), Buffer.from(message), type);
    }
    await this.#rows.update(tableKey(queue), id, { message: inline ? message : '' }, '*');
  }

  /** Removes a dead letter, seen again since or not. */
  async discard({ queue, id }: DeadLetterKey): Promise<void> {
    await this.#storage.blobs.delete(containers.largeMessages, blobName(id));
    await this.#rows.delete(tableKey(queue), id);
  }

  async #letter({ rowKey, columns }: Row): Promise<DeadLetter> {
    const message = String(columns.message ?? '');
    return {
      ...toSummary(rowKey, columns),
      message: message === '' ? await this.#large(rowKey) : message,
    };
  }

  async #large(id: string): Promise<string> {
    const blob = await this.#storage.blobs.read(containers.largeMessages, blobName(id));
    return blob === undefined || typeof blob === 'string' ? '' : blob.bytes.toString('utf8');
  }
}

const SUMMARY_COLUMNS = [
  ...['queue', 'errorCode', 'errorMessage', 'jobId', 'batchId'],
  ...['times', 'attempts', 'firstSeen', 'lastSeen'],
];

function toSummary(id: string, columns: Row['columns']): Omit<DeadLetter, 'message'> {
  const text = (name: string) => String(columns[name] ?? '');
  return {
    id,
    queue: text('queue'),
    error: { code: text('errorCode'), message: text('errorMessage') },
    ...(text('jobId') !== '' && { jobId: text('jobId') }),
    ...(text('batchId') !== '' && { batchId: text('batchId') }),
    times: Number(columns.times ?? 1),
    attempts: Number(columns.attempts ?? 0),
    firstSeen: text('firstSeen'),
    lastSeen: text('lastSeen'),
  };
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
const blobName = (id: string): string => `deadletters/${id}.txt`;

/** The history a replayed message brings along, where it died in the very queue it was replayed to. */
function replayedIn(message: string, queue: string): Replayed | undefined {
  try {
    const { [REPLAYED]: carried } = Object(JSON.parse(message)) as Record<string, unknown>;
    const parsed = replayedSchema.safeParse(carried);
    return parsed.data?.queue === queue ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
