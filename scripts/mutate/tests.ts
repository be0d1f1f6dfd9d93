import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { childrenOf, type Node, parse } from './syntax.ts';

/** What starts the built app, or a browser: too long to be run for every fault, and blind to one in the sources. */
const LONG =
  /^test\/(support\/(stack|package|project-copy)|reliability\/world|dashboard\/chromium|local\/launcher\/support|local\/vision\/models\/support\/images|pipeline\/process-death\.test)\.ts$/;

/** Tests that go through the whole app: nearer to a fault than their imports say. */
const ACROSS = /^test\/(orders|kinds)\/|^test\/api\/(api|consent)\./;

/** Tests of one file, the likeliest to notice first. */
const MOST = 9;

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

  /** @param caught how often each test noticed a fault of this file before */
  of(file: string, caught: ReadonlyMap<string, number> = new Map()): string[] {
    const [, room = ''] = /^src\/([^/]+)/.exec(file) ?? [];
    const name = /([^/]+)\.ts$/.exec(file)?.[1] ?? '';
    const scored = this.tests.flatMap((test) => {
      const distance = this.#reach(test).get(file);
      if (distance === undefined) return [];
      const isOwn = new RegExp(`/${name}[.-]`).test(test);
      const isNear = test.startsWith(`test/${room}/`);
      const known = caught.get(test) ?? 0;
      // Of another room, and far away: it would take long and say little.
      if (!isOwn && !isNear && !ACROSS.test(test) && distance > 2 && known === 0) return [];
      const near = (isOwn ? 4 : 0) + (isNear ? 3 : 0) + (ACROSS.test(test) ? 2 : 0);
      return [{ test, score: known * 2 + near - distance, weight: this.#weightOf(test) }];
    });
    return scored
      .sort((a, b) => b.score - a.score)
      .slice(0, MOST)
      .sort((a, b) => b.score - b.weight - (a.score - a.weight))
      .map(({ test }) => test);
  }

  /** What a test has to open before it can begin. */
  #weightOf(test: string): number {
    const reached = this.#reach(test);
    if (/\/pages\./.test(test)) return 9;
    return reached.has('test/support/api.ts') ? 4 : reached.has('test/support/azurite.ts') ? 2 : 0;
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
