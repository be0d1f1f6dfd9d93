import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { childrenOf, type Node, parse } from './syntax.ts';

/** What starts the built app, or a browser: too long to be run for every fault, and blind to one in the sources. */
const LONG =
  /^test\/(support\/(stack|package|project-copy)|reliability\/world|dashboard\/chromium|local\/launcher\/support|local\/vision\/models\/support\/images|pipeline\/process-death\.test)\.ts$/;

/** Tests that go through the whole app: nearer to a fault than their imports say. */
const ACROSS = /^test\/(orders|kinds)\/|^test\/api\/(api|consent)\./;

/** Tests of one file, the likeliest to notice first. */
const MOST = 11;

/** By how much a point of the score makes a test likelier to notice: one that is so much dearer comes at the same time. */
const LIKELIER = 1.4;

/** Which tests come to a file, and how near they are: by what imports what. */
export class TestChoice {
  readonly #imports = new Map<string, string[]>();
  readonly #distances = new Map<string, ReadonlyMap<string, number>>();
  readonly tests: readonly string[];

  constructor() {
    this.tests = globSync('test/**/*.test.ts')
      .sort()
      .filter((test) => ![...this.#reach(test).keys()].some((file) => LONG.test(file)));
  }

  /**
   * @param caught how often each test noticed a fault of this file before
   * @param times how long tests take, in milliseconds, as far as that is known
   */
  of(
    file: string,
    caught: ReadonlyMap<string, number> = new Map(),
    times: ReadonlyMap<string, number> = new Map(),
  ): string[] {
    const [, room = ''] = /^src\/([^/]+)/.exec(file) ?? [];
    const name = /([^/]+)\.ts$/.exec(file)?.[1] ?? '';
    const scored = this.tests.flatMap((test) => {
      const distance = this.#reach(test).get(file);
      if (distance === undefined) return [];
      const isOwn = new RegExp(`/${name}[.-]`).test(test);
      const isAsking = this.#asks(test, room);
      const isNear = test.startsWith(`test/${room}/`) || isAsking;
      const known = caught.get(test) ?? 0;
      // Whoever imports the file itself, or asks every question of its room, is nearer than its place says.
      const isSure = distance === 1 || isAsking;
      const near = (isOwn ? 4 : 0) + (isNear ? 3 : 0) + (isSure ? 3 : 0) + (ACROSS.test(test) ? 2 : 0);
      // Of another room, and far away: it would take long and say little.
      const isFar = !isOwn && !isNear && !ACROSS.test(test) && distance > 2 && known === 0;
      const score = Math.min(known, 4) * 2 + near + Math.max(4 - distance, 0);
      return [{ test, score, isFar, cost: times.get(test) ?? this.#costOf(test) }];
    });
    const close = scored.filter(({ isFar }) => !isFar);
    return (close.length > 0 ? close : scored)
      .sort((a, b) => b.score - a.score || a.cost - b.cost)
      .slice(0, MOST)
      .sort((a, b) => a.cost / LIKELIER ** a.score - b.cost / LIKELIER ** b.score)
      .map(({ test }) => test);
  }

  /** Whether a test of another room has the questions asked that stand in this one. */
  #asks(test: string, room: string): boolean {
    return [...this.#reach(test).keys()].some(
      (file) => file.startsWith(`test/${room}/`) && /-conformance\.ts$/.test(file),
    );
  }

  /** What a test has to open before it can begin, in milliseconds: a guess, until it is known. */
  #costOf(test: string): number {
    const reached = this.#reach(test);
    if (/\/pages\.|^test\/orders\//.test(test)) return 20_000;
    return reached.has('test/support/api.ts') ? 8000 : reached.has('test/support/emulator.ts') ? 4000 : 500;
  }

  /** Every file that a test comes to, and over how many imports. */
  #reach(test: string): ReadonlyMap<string, number> {
    const known = this.#distances.get(test);
    if (known) return known;
    const reached = new Map([[test, 0]]);
    for (const [file, distance] of reached) {
      for (const imported of this.#importsOf(file)) {
        if (!reached.has(imported)) reached.set(imported, distance + 1);
      }
    }
    this.#distances.set(test, reached);
    return reached;
  }

  #importsOf(file: string): string[] {
    const known = this.#imports.get(file);
    if (known) return known;
    const found: string[] = [];
    const add = (name: unknown) => {
      if (typeof name === 'string' && /^\.{1,2}\/.*\.ts$/.test(name))
        found.push(normalize(join(dirname(file), name)));
    };
    const visit = (node: Node) => {
      const { type, source, importKind, exportKind } = node;
      // A file that a test starts as a process of its own.
      if (type === 'NewExpression' && node.callee.name === 'URL') add(node.arguments[0]?.value);
      if (/^(Import|Export)/.test(type) && importKind !== 'type' && exportKind !== 'type') add(source?.value);
      for (const child of childrenOf(node)) visit(child);
    };
    try {
      visit(parse(file, readFileSync(file, 'utf8')));
    } catch {
      // It is no source of ours, or is made by the build.
    }
    this.#imports.set(file, found);
    return found;
  }
}
