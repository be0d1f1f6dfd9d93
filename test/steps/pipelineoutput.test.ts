import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sql } from '../../src/database/sql.ts';
import { OutageError } from '../../src/domain/errors.ts';
import { readSettings } from '../../src/domain/settings.ts';
import type { StepContext } from '../../src/domain/step.ts';
import { People } from '../../src/people/people.ts';
import { openResultStore } from '../../src/results/open.ts';
import type { ResultStore } from '../../src/results/store.ts';
import { pipelineoutput } from '../../src/steps/pipelineoutput.ts';
import { matching } from '../results/fixtures.ts';

let folder: string;
let store: ResultStore;
let logged: string[];
let nudges: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imaginem-output-'));
  store = await openResultStore(readSettings({ SQLITE_PATH: join(folder, 'results.db') }));
  await store.migrate();
  await store.save(matching('two', []));
  logged = [];
  nudges = 0;
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const peopleOf = async () => new People(store.database, { clock: Date.now });
const box = { left: 1, top: 2, width: 30, height: 40 };
const FACES = { faces: [{ faceKey: 'one-0', faceRectangle: box }] };
/** The photograph that was there before may show the same face. */
const MATCHES = {
  matches: [
    {
      id: 'two',
      batch_id: 'batch',
      image_url: 'https://images/two.jpg',
      face_rectangle: box,
      other_face_key: 'two-0',
      face_key: 'one-0',
      confidence: 0.95,
    },
  ],
  faces: [{ faceKey: 'one-0', enrolled: true }],
};

/** Writes the row of one image with one face. */
function write(people: () => Promise<Pick<People, 'settle'>>) {
  const step = pipelineoutput({
    results: async () => store,
    people: people as () => Promise<People>,
    telling: {
      nudge: () => {
        nudges += 1;
      },
    } as never,
    batches: { get: async () => undefined, recent: async () => undefined } as never,
    keepSuggestions: (outputs) => outputs as Record<string, unknown>,
    clock: Date.now,
  });
  return step.run({
    job: {
      id: 'one',
      batchId: 'batch',
      run: 0,
      pipeline: ['facedetection', 'pipelineoutput'],
      parameters: undefined,
    },
    record: {
      imageUrl: 'https://images/one.jpg',
      admittedAt: '2026-11-30T00:00:00.000Z',
      image: undefined,
      end: undefined,
      steps: { facedetection: { state: 'done', attempts: 1 } },
      outputs: async () => ({ facedetection: FACES, facematch: MATCHES }),
    },
    log: { info() {}, error() {}, warn: (name: string) => void logged.push(name) },
    signal: new AbortController().signal,
  } as unknown as StepContext as never);
}
/** Images whose groups are still to be made, and faces that have one. */
async function groups() {
  const [[marks] = [], [made] = []] = await store.database.read([
    sql`SELECT COUNT(*) AS n FROM people_dirty`,
    sql`SELECT COUNT(*) AS n FROM face_group`,
  ]);
  return { toBeMade: Number(marks?.n), made: Number(made?.n) };
}

test('a row that is written has its faces grouped, and what it makes true is told', async () => {
  expect(await write(peopleOf)).toEqual({ saved: 'saved' });
  expect((await store.get('one'))?.faces).toHaveLength(1);
  expect(await groups()).toEqual({ toBeMade: 0, made: 2 });
  expect([logged, nudges]).toEqual([[], 1]);
});

const away = () => {
  throw new OutageError('Away.', { service: 'SQL' } as never);
};
test.each([
  ['cannot be made', async () => ({ settle: away })],
  ['cannot even be opened', async () => away()],
])(
  'the row counts though groups %s: they are made by the timer, from the mark that the row left',
  async (_, people) => {
    expect(await write(people as never)).toEqual({ saved: 'saved' });
    expect(await store.get('one')).toMatchObject({ status: 'done' });
    expect([logged, nudges]).toEqual([['groups.not.settled'], 1]);
    expect(await groups()).toEqual({ toBeMade: 1, made: 0 });
    await (await peopleOf()).settleAll();
    expect(await groups()).toEqual({ toBeMade: 0, made: 2 });
  },
);
