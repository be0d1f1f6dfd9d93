import { once } from 'node:events';
import { silentLog } from '../../../src/domain/ports.ts';
import { openGalleries } from '../../../src/vision/gallery/galleries.ts';
import { openVision } from '../../../src/vision/open.ts';
import { type Child, startChild } from '../../support/stack.ts';
import { heldKeys, settled } from '../invariant.ts';
import { type Dropped, World } from '../world.ts';
import type { Cell, CellResult, SwitchMode } from './cells.ts';

const MODELS = ['recognition_04', 'imaginem_02'] as const;
const never = new AbortController().signal;

/**
 * A small archive that is switched from one model of recognition to the other, and back, by a process that is killed at its
 * n-th request or statement and started again. In between somebody decides.
 */
export class SwitchLab {
  readonly world: World;
  /** Pairs of faces that are alike, as both models see them. */
  readonly #pairs: readonly string[];
  readonly #faces: readonly string[];
  /** What people have said, by pair. */
  readonly #said = new Map<string, string>();
  #turn = 0;

  private constructor(world: World, pairs: readonly string[], faces: readonly string[]) {
    this.world = world;
    this.#pairs = pairs;
    this.#faces = faces;
  }

  static async open(): Promise<SwitchLab> {
    const world = await World.open({ env: { FACE_FRESH_LIMIT: '60000' } });
    const host = await world.startHost();
    const images: Dropped[] = [];
    for (const people of [[1], [1, 2], [2], [2, 1]])
      images.push(await world.drop(`archive/${images.length}.jpg`, { scene: { people } }));
    await settled(world, images);
    await host.stop('SIGKILL');
    const results = await world.observer.results();
    const pairs = await results.query('SELECT face_a, face_b FROM face_match ORDER BY face_a, face_b');
    const faces = await results.query('SELECT face_key FROM face ORDER BY face_key');
    const lab = new SwitchLab(
      world,
      pairs.map(({ face_a, face_b }) => `${face_a} ${face_b}`),
      faces.map(({ face_key }) => String(face_key)),
    );
    await lab.#decide(0, 'confirmed');
    return lab;
  }

  /** Runs one cell. @throws when something does not hold, naming the cell */
  async run(cell: Cell & { readonly mode: SwitchMode }): Promise<CellResult> {
    const { world } = this;
    const { active, changes } = await this.#state();
    const [end, at] = cell.mode.split('-') as ['finish' | 'abandon', 'requests' | 'statements'];
    const to = MODELS.find((model) => model !== active) ?? active;
    const args = ['--to', to, '--end', end, '--since', String(changes)];
    const deadly = at === 'statements' ? ['--statement', String(cell.n), '--when', cell.when] : [];
    try {
      const first = this.#start([...args, ...deadly]);
      world.wire.arm({
        n: at === 'requests' ? cell.n : Number.MAX_SAFE_INTEGER,
        when: cell.when,
        kill: () => first.stop('SIGKILL'),
      });
      const killed = !(await this.#ended(first));
      const { names } = world.wire.disarm();
      if (killed) {
        this.#turn += 1;
        await this.#decide(
          1 + (this.#turn % (this.#pairs.length - 1)),
          this.#turn % 2 ? 'notSame' : 'undecided',
        );
        const second = this.#start(args);
        if (!(await this.#ended(second))) throw new Error('It was killed, and nobody did.');
      }
      const wrong = await this.#examine(end === 'finish' ? to : active);
      if (wrong.length > 0) throw new Error(wrong.join('\n'));
      const [, statements = '0'] = /statements: (\d+)/.exec(first.output()) ?? [];
      return { killed, requests: at === 'requests' ? names.length : Number(statements), names };
    } catch (error) {
      world.wire.disarm();
      const what = `${cell.mode}, killed ${cell.when} ${cell.n}`;
      throw new Error(`Cell "${what}": ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }

  close(): Promise<void> {
    return this.world.close();
  }

  #start(args: readonly string[]): Child {
    return startChild('test/reliability/crash/switch-main.ts', [...args], {
      ...process.env,
      ...this.world.env,
    });
  }

  /** @returns whether it came to its end; false where it was killed @throws where it ended otherwise */
  async #ended(child: Child): Promise<boolean> {
    if (child.process.exitCode === null && child.process.signalCode === null)
      await once(child.process, 'exit');
    if (child.process.signalCode === 'SIGKILL') return false;
    if (child.process.exitCode !== 0) throw new Error(`It ended by itself:\n${child.output()}`);
    return true;
  }

  async #decide(at: number, verdict: 'confirmed' | 'notSame' | 'undecided'): Promise<void> {
    const pair = this.#pairs[at] ?? '';
    const [a = '', b = ''] = pair.split(' ');
    await (await this.world.observer.people()).decidePair(a, b, verdict, { by: 'ann' }).then(
      () => (verdict === 'undecided' ? this.#said.delete(pair) : this.#said.set(pair, verdict)),
      (error: Error) => {
        if (error.name !== 'ContradictionError') throw error;
      },
    );
  }

  async #state() {
    const [row = {}] = await (await this.world.observer.results()).query('SELECT * FROM recognition');
    return { active: String(row.active_model), changes: Number(row.changes), phase: row.phase };
  }

  /** @param active the model that must count by now @returns sentences about what is wrong */
  async #examine(active: string): Promise<string[]> {
    const wrong: string[] = [];
    const expect = (what: string, found: unknown, wanted: unknown) => {
      if (JSON.stringify(found) !== JSON.stringify(wanted))
        wrong.push(`${what}: ${JSON.stringify(found)} in place of ${JSON.stringify(wanted)}`);
    };
    const { observer, wire } = this.world;
    const results = await observer.results();
    const state = await this.#state();
    expect('the state', [state.active, state.phase], [active, 'steady']);
    const matches = await results.query(
      'SELECT face_a, face_b, model, verdict FROM face_match ORDER BY face_a, face_b',
    );
    expect(
      'the pairs, each of the model in use and with what was said of it',
      matches.map(({ face_a, face_b, model, verdict }) => [`${face_a} ${face_b}`, model, verdict]),
      this.#pairs.map((pair) => [pair, active, this.#said.get(pair) ?? null]),
    );
    const decided = await results.query(
      "SELECT face_a, face_b, verdict FROM match_decision WHERE verdict <> 'undecided' ORDER BY face_a, face_b",
    );
    expect(
      'the decisions',
      decided.map(({ face_a, face_b, verdict }) => [`${face_a} ${face_b}`, verdict]),
      [...this.#said].sort(),
    );
    for (const table of ['model_pair', 'model_todo'])
      expect(table, await results.query(`SELECT * FROM ${table}`), []);
    const { settings, storage } = observer;
    let ahead = 0;
    const clock = () => Date.now() + ahead;
    const vision = openVision(
      { ...settings, FACE_ENDPOINT: wire.engineUrl },
      { storage, clock, log: silentLog },
    );
    const galleries = openGalleries({ vision, storage, settings, clock, log: silentLog });
    for (const model of MODELS) {
      const keys: string[] = [];
      for await (const { key } of galleries.of(model).gallery.enrolled()) keys.push(key);
      expect(`enrolled with ${model}`, keys.sort(), model === active ? this.#faces : []);
    }
    // Faces that a process had put into a list and died before it said so go with the nightly sweep: noted, then removed.
    for (let round = 0; round < 3; round += 1) {
      ahead += 3_600_000;
      await galleries.of(active).gallery.sweep(never);
    }
    const held = await heldKeys(this.world);
    for (const model of MODELS)
      expect(
        `in the lists of the service, with ${model}`,
        (held.get(model) ?? []).sort(),
        model === active ? this.#faces : [],
      );
    return wrong;
  }
}
