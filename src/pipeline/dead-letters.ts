import { createHash } from 'node:crypto';
import type { RecordedError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { StorageAccount } from '../storage/account.ts';
import { containers, tables } from '../storage/names.ts';
import { type Table, tableKey } from '../storage/tables.ts';

/** A message that could not be worked on: who, where, why, how often, and the whole of it. */
export interface DeadLetter {
  /** Hash of queue and message text: the same bad message posted again is the same dead letter, seen once more. */
  id: string;
  queue: string;
  error: RecordedError;
  /** Where the message said so. */
  jobId?: string;
  batchId?: string;
  /** How often it was given up. */
  times: number;
  /** ISO 8601. */
  firstSeen: string;
  lastSeen: string;
  /** The message as it was received. */
  message: string;
}

/** Characters of a message that a table property takes (32 Ki); a longer one is kept as a blob. */
const INLINE = 32_000;

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
    letter: Pick<DeadLetter, 'queue' | 'error' | 'jobId' | 'batchId' | 'message'>,
  ): Promise<string> {
    const id = createHash('sha256').update(`${letter.queue}\n${letter.message}`).digest('hex').slice(0, 32);
    const now = new Date(this.#clock()).toISOString();
    const seen = await this.#rows.get(tableKey(letter.queue), id);
    let message = letter.message;
    if (message.length > INLINE) {
      const name = `deadletters/${id}.txt`;
      await this.#storage.blobs.write(
        containers.largeMessages,
        name,
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
      times: Number(seen?.columns.times ?? 0) + 1,
      firstSeen: seen ? String(seen.columns.firstSeen) : now,
      lastSeen: now,
      message,
    });
    return id;
  }

  async *list(queue?: string): AsyncGenerator<DeadLetter> {
    for await (const { rowKey, columns } of this.#rows.list(
      queue === undefined ? {} : { partitionKey: tableKey(queue) },
    )) {
      const text = (name: string) => String(columns[name] ?? '');
      yield {
        id: rowKey,
        queue: text('queue'),
        error: { code: text('errorCode'), message: text('errorMessage') },
        ...(text('jobId') !== '' && { jobId: text('jobId') }),
        ...(text('batchId') !== '' && { batchId: text('batchId') }),
        times: Number(columns.times ?? 1),
        firstSeen: text('firstSeen'),
        lastSeen: text('lastSeen'),
        message: text('message') === '' ? await this.#large(rowKey) : text('message'),
      };
    }
  }

  async #large(id: string): Promise<string> {
    const blob = await this.#storage.blobs.read(containers.largeMessages, `deadletters/${id}.txt`);
    return blob === undefined || typeof blob === 'string' ? '' : blob.bytes.toString('utf8');
  }
}
