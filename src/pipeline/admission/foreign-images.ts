import { OutageError, PermanentError, RateLimitedError, toRecordedError } from '../../domain/errors.ts';
import type { ImageSource, JobEnd } from '../../domain/job.ts';
import { jobKey } from '../../domain/job-id.ts';
import type { Clock } from '../../domain/ports.ts';
import { outlasted } from '../../domain/retry-policy.ts';
import type { Settings } from '../../domain/settings.ts';
import type { StorageAccount } from '../../storage/account.ts';
import { containers } from '../../storage/names.ts';
import type { Message } from '../message/message.ts';
import { HostAwayError } from './host-away.ts';

/** Fetches an image from a foreign host, or throws ContractError where none may be asked. */
export type FetchImage = (url: string) => Promise<Buffer>;

interface ForeignImagesDeps {
  storage: StorageAccount;
  settings: Settings;
  clock: Clock;
  fetchImage: FetchImage;
}

/** Images that are named by an address outside: each is copied in, once, and read from its copy from then on. */
export class ForeignImages {
  readonly #deps: ForeignImagesDeps;

  constructor(deps: ForeignImagesDeps) {
    this.#deps = deps;
  }

  /** Whether `source` is where a copy was to be that never came. */
  static isMissing({ container, etag }: ImageSource): boolean {
    return container === containers.renditions && etag === '';
  }

  /**
   * Copies the image of a message in, or says how its job ends without it: refused by its host, not there, or its host
   * away for longer than an outage may last.
   *
   * @throws {HostAwayError} while that may still change
   */
  async copyIn(message: Message): Promise<{ source: ImageSource; end?: JobEnd }> {
    const { blobs } = this.#deps.storage;
    const { id, input } = message.job_definition;
    const source = { container: containers.renditions, name: `${jobKey(id)}.original`, etag: '' };
    const there = await blobs.head(source.container, source.name);
    if (there) return { source: { ...source, etag: there.etag } };
    let fetched: Buffer;
    try {
      fetched = await this.#deps.fetchImage(input.image_url);
    } catch (error) {
      return { source, end: this.#endOf(error, message) };
    }
    const etag = await blobs.write(source.container, source.name, fetched, 'application/octet-stream');
    return { source: { ...source, etag } };
  }

  #endOf(error: unknown, { away_since: since }: Message): JobEnd {
    const { clock, settings } = this.#deps;
    if (error instanceof PermanentError) {
      const kind = error.code === 'ForeignImageNotFound' ? 'gone' : 'rejected';
      return { kind, reason: toRecordedError(error) };
    }
    if (!(error instanceof RateLimitedError || error instanceof OutageError)) throw error;
    if (since === undefined || !outlasted(since, clock(), settings)) throw new HostAwayError(error);
    return { kind: 'rejected', reason: toRecordedError(error) };
  }
}
