import { QueueServiceClient } from '@azure/storage-queue';
import type { Random } from '../../../src/domain/ports.ts';
import { queueOf, type WireRequest } from './calls.ts';
import type { WireAnswer } from './faults.ts';

/** What a queue may do to messages without breaking its promise of "at least once, in no order". */
interface Mischief {
  /** Chance that a message which nobody sent before is delivered a second time. */
  readonly duplicate: number;
  /** Chance that a message is held back, so that later ones overtake it. */
  readonly delay: number;
  /** Longest time a copy or a message is held back, in seconds. */
  readonly maxSeconds: number;
  readonly random: Random;
}

/**
 * Listens at the wire: copies messages and holds them back. Each distinct message is copied once, for a step that is
 * recorded already sends its next message again, which would double the messages with every step.
 */
export function mischiefMaker(
  connectionString: () => string,
  { duplicate, delay, maxSeconds, random }: Mischief,
) {
  const seen = new Set<string>();
  let duplicated = 0;
  let delayed = 0;
  const seconds = () => Math.ceil(random() * maxSeconds);
  return {
    get duplicated() {
      return duplicated;
    },
    get delayed() {
      return delayed;
    },
    async onAnswer(request: WireRequest, answer: WireAnswer): Promise<void> {
      if (request.call !== 'queue send' || answer.status !== 201) return;
      const text = textOf(request.body.toString());
      const queue = QueueServiceClient.fromConnectionString(connectionString()).getQueueClient(
        queueOf(request.url),
      );
      const isNew = !seen.has(`${queue.name} ${text}`);
      seen.add(`${queue.name} ${text}`);
      if (isNew && random() < duplicate) {
        await queue.sendMessage(text, {
          messageTimeToLive: -1,
          visibilityTimeout: Math.round(random() * maxSeconds),
        });
        duplicated += 1;
      }
      if (random() >= delay || /visibilitytimeout=[1-9]/.test(request.url)) return;
      const xml = answer.body.toString();
      const [, id = ''] = /<MessageId>([^<]+)/.exec(xml) ?? [];
      const [, receipt = ''] = /<PopReceipt>([^<]+)/.exec(xml) ?? [];
      // Taken by a host already: then it is too late to hold it back.
      await queue.updateMessage(id, receipt, undefined, seconds()).then(
        () => {
          delayed += 1;
        },
        () => {},
      );
    },
  };
}

function textOf(body: string): string {
  const [, escaped = ''] = /<MessageText>([\s\S]*)<\/MessageText>/.exec(body) ?? [];
  const named: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
  return escaped.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) =>
    hex
      ? String.fromCodePoint(Number.parseInt(hex, 16))
      : decimal
        ? String.fromCodePoint(Number(decimal))
        : (named[name] ?? whole),
  );
}
