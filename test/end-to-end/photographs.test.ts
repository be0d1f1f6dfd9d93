import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoredImage } from '../../src/results/rows.ts';
import { projectRoot } from '../support/project-root.ts';
import {
  type EngineProcess,
  fileName,
  matchedFiles,
  openStack,
  type Stack,
  startEngine,
} from '../support/stack.ts';

/** Nothing in these tests is a stand-in: emulator, engine with its models, host, and the functions as built. */
let engine: EngineProcess;
let data: string;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'imaginem-engine-'));
  engine = await startEngine(['--data', data]);
});
afterAll(async () => {
  await engine?.stop();
  rmSync(data, { recursive: true, force: true });
});

async function withStack(prefix: string, use: (stack: Stack) => Promise<void>): Promise<void> {
  const stack = await openStack(engine.url, { FACE_LIST_PREFIX: prefix });
  try {
    await stack.startHost();
    await use(stack);
  } finally {
    await stack.stop();
  }
}

const byFile = (rows: StoredImage[]) => new Map(rows.map((row) => [fileName(row.imageUrl), row]));

describe('the samples', { timeout: 400_000 }, () => {
  const folder = join(projectRoot, 'samples');
  const files = readdirSync(folder).filter((name) => name.endsWith('.jpg'));
  const portraitsOf = (...people: string[]) =>
    files.filter((name) => people.some((person) => name.startsWith(`person-${person}-`))).sort();

  test('every person of the group and of the sign is found in their portraits and nobody else, and the sign is read', async () => {
    await withStack('samples', async (stack) => {
      for (const name of files) await stack.drop(`samples/${name}`, readFileSync(join(folder, name)));
      const rows = byFile(await stack.rows(files.length, 380_000));
      expect([...rows.keys()].sort()).toEqual([...files].sort());
      for (const [name, row] of rows) {
        expect(row.status, `${name}: ${JSON.stringify(row.steps)}`).toBe('done');
        expect(row.batchId).toBe('samples');
        expect(row.tags.map((tag) => tag.name)).toContain('person');
        for (const face of row.faces) expect(face.crop, name).toBeDefined();
      }
      const group = rows.get('group.jpg');
      expect(group?.faces).toHaveLength(4);
      expect(matchedFiles(group)).toEqual(portraitsOf('a', 'b', 'c', 'd'));
      // Each of the four faces has the portraits of one person, so no two faces share a portrait.
      for (const face of group?.faces ?? []) {
        const people = group?.matches
          .filter((match) => match.face === face.key)
          .map((match) => fileName(match.otherImageUrl)[7]);
        expect(new Set(people).size, face.key).toBe(1);
      }
      const sign = rows.get('sign.jpg');
      expect(matchedFiles(sign)).toEqual(portraitsOf('e'));
      expect(sign?.text).toBe('REUNION\nCENTRE\n42');
      for (const person of 'abcdef') {
        for (const portrait of portraitsOf(person)) {
          const others = portraitsOf(person).filter((name) => name !== portrait);
          const groups = person === 'e' ? ['sign.jpg'] : person === 'f' ? [] : ['group.jpg'];
          expect(matchedFiles(rows.get(portrait)), portrait).toEqual([...groups, ...others].sort());
        }
      }
    });
  });
});

const photographs = join(projectRoot, '..', 'shared', 'images');
describe.runIf(existsSync(photographs))('public photographs of real people', { timeout: 300_000 }, () => {
  const orders = [
    ['two_people.jpg', 'obama.jpg', 'biden.jpg', 'astronaut.png'],
    ['astronaut.png', 'biden.jpg', 'obama.jpg', 'two_people.jpg'],
    ['obama.jpg', 'two_people.jpg', 'astronaut.png', 'biden.jpg'],
  ];

  test.each(orders.map((order, index) => ({ order, index })))(
    'each man is found once, the astronaut never: order $order',
    async ({ order, index }) => {
      await withStack(`order-${index}`, async (stack) => {
        for (const name of order) await stack.drop(name, readFileSync(join(photographs, name)));
        const rows = byFile(await stack.rows(order.length));
        const two = rows.get('two_people.jpg');
        expect(two?.faces).toHaveLength(2);
        expect(two?.matches).toHaveLength(2);
        expect(new Set(two?.matches.map((match) => match.face)).size).toBe(2);
        expect(matchedFiles(two)).toEqual(['biden.jpg', 'obama.jpg']);
        expect(matchedFiles(rows.get('obama.jpg'))).toEqual(['two_people.jpg']);
        expect(matchedFiles(rows.get('biden.jpg'))).toEqual(['two_people.jpg']);
        expect(rows.get('astronaut.png')?.matches).toEqual([]);
      });
    },
  );
});
