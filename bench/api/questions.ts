import type { ImageFilter, Position } from '../../src/results/rows.ts';
import type { ResultStore } from '../../src/results/store.ts';
import { batchOf, tagName, timeOf, word } from './world.ts';

interface Question {
  name: string;
  /** @returns how many rows were found */
  ask(store: ResultStore, round: number): Promise<number>;
}

const PAGE = 60;

/** What people do on the page, with another value each time. */
export function questions(images: number): Question[] {
  const list = (name: string, filter: (round: number) => ImageFilter): Question => ({
    name,
    ask: async (store, round) => (await store.summaries({ limit: PAGE, ...filter(round) })).images.length,
  });
  const deep = (round: number): Position => ({
    finishedAt: timeOf(round * 1013, images),
    id: 'f',
  });
  return [
    list('newest', () => ({})),
    list('newest, somewhere deep down', (round) => ({ after: deep(round) })),
    list('batch', (round) => ({ batchId: batchOf(round) })),
    list('status partial', () => ({ status: 'partial' })),
    list('status rejected in a batch', (round) => ({ status: 'rejected', batchId: batchOf(round) })),
    list('a step that failed', () => ({ outcome: { step: 'ocr', state: 'failed' } })),
    list('a step that failed by one reason', (round) => ({
      outcome: { step: 'ocr', state: 'failed', code: `Code${round % 3}` },
    })),
    list('a step that failed, in a batch, a tag', (round) => ({
      outcome: { step: 'ocr', state: 'failed', code: `Code${round % 3}` },
      batchId: batchOf(round),
      tag: tagName(round % 5),
    })),
    list('common tag', (round) => ({ tag: tagName(round % 5) })),
    list('rare tag', (round) => ({ tag: tagName(1000 + round) })),
    list('common tag, deep down', (round) => ({ tag: tagName(round % 5), after: deep(round) })),
    list('two common tags', (round) => ({ tag: [tagName(0), tagName(1 + (round % 5))] })),
    list('common tag and rare tag', (round) => ({ tag: [tagName(0), tagName(900 + round)] })),
    list('common tag in a batch', (round) => ({ tag: tagName(round % 5), batchId: batchOf(round) })),
    list('common tag, rejected', (round) => ({ tag: tagName(round % 5), status: 'rejected' })),
    list('category', (round) => ({ category: `category ${round}` })),
    list('category and tag', (round) => ({ category: `category ${round % 9}`, tag: tagName(round) })),
    list('at least one face', () => ({ minFaces: 1 })),
    list('at least thirty faces', () => ({ minFaces: 30 })),
    list('three faces exactly', () => ({ minFaces: 3, maxFaces: 3 })),
    list('no face and a tag', (round) => ({ maxFaces: 0, tag: tagName(round) })),
    list('one month', (round) => ({
      from: `2025-0${1 + (round % 9)}-01T00:00:00.000Z`,
      to: `2025-0${1 + (round % 9)}-28T00:00:00.000Z`,
    })),
    list('one month, tag, one face', (round) => ({
      from: '2025-03-01T00:00:00.000Z',
      to: '2025-04-01T00:00:00.000Z',
      tag: tagName(round),
      minFaces: 1,
    })),
    list('an old month and a batch', (round) => ({
      to: '2024-02-01T00:00:00.000Z',
      batchId: batchOf(round),
    })),
    list('common word', (round) => ({ text: word(round % 5) })),
    list('rare word', (round) => ({ text: word(20_000 + round) })),
    list('two common words', (round) => ({ text: `${word(0)} ${word(1 + (round % 5))}` })),
    list('common and rare word', (round) => ({ text: `${word(0)} ${word(9000 + round)}` })),
    list('five words', (round) => ({ text: [0, 1, 2, 3, 4].map((n) => word(n + (round % 3))).join(' ') })),
    list('prefix of very many', () => ({ text: 'w*' })),
    list('prefix of many', (round) => ({ text: `w00${(round % 10).toString(36)}*` })),
    list('prefix of few', (round) => ({ text: `wa${(round % 30).toString(36)}*` })),
    list('two prefixes', (round) => ({ text: `w000* w00${(1 + (round % 9)).toString(36)}*` })),
    list('word, tag, category and face', (round) => ({
      text: word(round % 4),
      tag: tagName(round % 3),
      category: `category ${round % 3}`,
      minFaces: 1,
    })),
    list('words that never meet, and a tag', (round) => ({
      text: `${word(100 + round)} ${word(200 + round)}`,
      tag: tagName(50 + round),
    })),
    { name: 'live: totals and stamp', ask: async (store) => (await store.counts.totals()).images },
    { name: 'batches, a page', ask: async (store) => (await store.counts.batches({ limit: 100 })).length },
    {
      name: 'tags, the most frequent',
      ask: async (store) => (await store.counts.names({ kind: 'tag', limit: 40 })).length,
    },
    {
      name: 'tags by prefix',
      ask: async (store, round) =>
        (await store.counts.names({ kind: 'tag', prefix: `tag ${round}`, limit: 40 })).length,
    },
    {
      name: 'review queue',
      ask: async (store) => (await store.decisions.review({ minConfidence: 0, limit: 20 })).length,
    },
    { name: 'failures by step', ask: async (store) => (await store.counts.failures()).length },
    {
      name: 'throughput of an hour',
      ask: async (store) =>
        (await store.counts.perMinute('2026-01-01T00:00:00.000Z', '2026-01-01T01:00:00.000Z')).size,
    },
  ];
}
