import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Row, Session } from '../../../src/database/database.ts';
import type { Sql } from '../../../src/database/sql.ts';
import { DuplicateKey, type Effect, type Rows, type Versions } from './versions.ts';

/** A transaction: what `Database.write` is given. */
export type Work = (session: Session) => Promise<unknown>;

/**
 * How a statement that writes meets rows which another transaction has written and not committed: `versions`, it waits
 * for those it would write as far as it knows them, and does not see others; `locks`, it waits for new ones as well.
 */
export type Isolation = 'versions' | 'locks';

interface Connection {
  /** Transactions committed. */
  done: number;
  attempt: number;
  /** Results of the statements of this attempt. */
  history: readonly (Row[] | number)[];
  /** What it wrote, which is also what it holds locks of. */
  own: Rows;
  /** The statement that waits for a lock, and what was committed when it began. */
  waiting?: { since: Rows };
  /** Rolled back: whoever waited for its locks comes first, as every lock manager has it. */
  yields?: true;
}

interface State {
  committed: Rows;
  connections: readonly Connection[];
}

export interface Explored {
  states: number;
  /** Ends that differ. */
  ends: Rows[];
  deadlocks: number;
  /** Runs again after a duplicate key. */
  duplicates: number;
  /** Transactions that had to run more often than a store tries. */
  refused: number;
}

const ATTEMPTS = 5;

const over = (...layers: Rows[]): Rows => new Map(layers.flatMap((layer) => [...layer]));

/**
 * Goes through every order in which the statements of two connections can run under READ COMMITTED: each statement sees
 * what was committed when it began and what its own transaction wrote; a row that another has written and not committed
 * is waited for, and then looked at again as it is now, while all other rows stay as the statement first saw them; of
 * two that wait for each other one is rolled back and runs again, as does one that meets a duplicate key.
 *
 * States that are reached twice are gone on from once: that makes "every order" a matter of seconds.
 */
export async function explore(
  versions: Versions,
  start: Rows,
  programs: readonly (readonly Work[])[],
  isolation: Isolation,
  /** Statements that touch rows of their own transaction only need no order among themselves. */
  isShared: (statement: Sql) => boolean = () => true,
): Promise<Explored> {
  const explored: Explored = { states: 0, ends: [], deadlocks: 0, duplicates: 0, refused: 0 };
  const fresh: Connection = { done: 0, attempt: 1, history: [], own: new Map() };
  const todo: State[] = [{ committed: start, connections: programs.map(() => fresh) }];
  const seen = new Set<string>();
  const ends = new Set<string>();

  const withOwn = (state: State, index: number, connection: Connection): State => ({
    ...state,
    connections: state.connections.map((one, at) => {
      if (at === index) return connection;
      const { yields: _, ...free } = one;
      return free;
    }),
  });
  const again = (connection: Connection): Connection => ({
    ...fresh,
    done: connection.done,
    attempt: connection.attempt + 1,
    yields: true,
  });

  for (let state = todo.pop(); state !== undefined; state = todo.pop()) {
    const id = identity(state);
    if (seen.has(id)) continue;
    seen.add(id);
    explored.states += 1;
    const nexts = await Promise.all(
      state.connections.map(async ({ done, attempt, history }, index) => {
        const work = programs[index]?.[done];
        if (work === undefined) return undefined;
        if (attempt <= ATTEMPTS) return nextOf(work, history);
        explored.refused += 1;
        return undefined;
      }),
    );
    // Where the next step of one is its own affair, it need not be tried after steps of the other as well.
    const own = nexts.findIndex(
      (next, index) =>
        next !== undefined &&
        next !== 'commit' &&
        !state.connections[index]?.yields &&
        !isShared(next.statement),
    );
    for (const [index, connection] of state.connections.entries()) {
      const next = nexts[index];
      if (next === undefined || (own !== -1 && index !== own)) continue;
      if (connection.yields && nexts.some((other, at) => at !== index && other !== undefined)) continue;
      const others = state.connections.filter((_, at) => at !== index);
      if (next === 'commit') {
        todo.push({
          committed: over(state.committed, connection.own),
          connections: withOwn(state, index, { ...fresh, done: connection.done + 1 }).connections,
        });
        continue;
      }
      const outcomes = attempt(versions, state.committed, connection, others, next, isolation);
      for (const outcome of outcomes) {
        if (outcome === 'wait') {
          if (connection.waiting) continue;
          const blocked = { ...connection, waiting: { since: state.committed } };
          const closes = others.some((other) => {
            const its = nexts[state.connections.indexOf(other)];
            if (!other.waiting || its === undefined || its === 'commit') return false;
            return attempt(versions, state.committed, other, [connection], its, isolation).includes('wait');
          });
          if (closes) explored.deadlocks += 1;
          todo.push(withOwn(state, index, closes ? again(connection) : blocked));
        } else if (outcome === 'duplicate') {
          explored.duplicates += 1;
          todo.push(withOwn(state, index, again(connection)));
        } else {
          const { waiting: _, ...free } = connection;
          todo.push(
            withOwn(state, index, {
              ...free,
              own: over(connection.own, outcome.written),
              history: [...connection.history, next.kind === 'read' ? outcome.rows : outcome.changes],
            }),
          );
        }
      }
    }
    if (state.connections.every(({ done }, index) => done === programs[index]?.length)) {
      const end = JSON.stringify(sorted(state.committed));
      if (!ends.has(end)) explored.ends.push(state.committed);
      ends.add(end);
    }
  }
  return explored;
}

/** What can become of a statement now: more than one thing where the isolation leaves it open. */
function attempt(
  versions: Versions,
  committed: Rows,
  connection: Connection,
  others: readonly Connection[],
  { kind, statement }: Request,
  isolation: Isolation,
): (Effect | 'wait' | 'duplicate')[] {
  const { own, waiting } = connection;
  if (kind === 'read') return [versions.run([committed, own], statement)];
  const isHeld = (key: string) => others.some((other) => other.own.has(key));
  const tried = (layers: readonly Rows[]): Effect | 'duplicate' => {
    try {
      return versions.run(layers, statement);
    } catch (error) {
      if (error instanceof DuplicateKey) return 'duplicate';
      throw error;
    }
  };
  const since = waiting?.since ?? committed;
  const writes = (effect: Effect | 'duplicate') => (effect === 'duplicate' ? [] : [...effect.written.keys()]);
  const first = tried([since, own]);
  const current = waiting ? tried([committed, own]) : first;
  const wanted = writes(first);
  if ([...wanted, ...writes(current)].some(isHeld)) return ['wait'];
  // What an index would lead to, committed or not.
  const dirty = tried([committed, ...others.map((other) => other.own), own]);
  if (dirty === 'duplicate' ? current !== 'duplicate' : isolation === 'locks' && writes(dirty).some(isHeld))
    return ['wait'];
  if (!waiting) return [first];
  // It has waited. The rows it wanted are looked at as they are now, the others as it saw them at first.
  const renewed = new Map(
    wanted.flatMap((key) => (committed.has(key) ? [[key, committed.get(key) ?? null]] : [])),
  );
  const inserts = /^\s*INSERT/i.test(statement.parts[0] ?? '');
  const exists = inserts && wanted.some((key) => (committed.get(key) ?? null) !== null && !own.has(key));
  const outcomes = [
    // A key that has been inserted meanwhile, by one who looked before whether it is there.
    ...(exists ? (['duplicate'] as const) : []),
    tried([since, renewed as Rows, own]),
    // As engines do that come to a row later than to the one they waited for.
    current,
  ];
  return outcomes.filter(
    (outcome, index) => outcomes.findIndex((other) => isDeepStrictEqual(other, outcome)) === index,
  );
}

interface Request {
  kind: 'read' | 'run';
  statement: Sql;
}

/** Runs a transaction on the results it has had so far, up to the next statement it asks for. */
async function nextOf(work: Work, history: Connection['history']): Promise<Request | 'commit'> {
  const asked = Promise.withResolvers<Request>();
  let position = 0;
  const ask = (kind: Request['kind'], statement: Sql): Promise<Row[] | number> => {
    const known = history[position];
    position += 1;
    if (known !== undefined) return Promise.resolve(known);
    asked.resolve({ kind, statement });
    return new Promise(() => {});
  };
  const runEach = async (statements: readonly Sql[]) => {
    const changes: number[] = [];
    for (const statement of statements) changes.push((await ask('run', statement)) as number);
    return changes;
  };
  const session: Session = {
    read: async (statements) => {
      const sets: Row[][] = [];
      for (const statement of statements) sets.push((await ask('read', statement)) as Row[]);
      return sets;
    },
    runEach,
    run: async (statements) => (await runEach(statements)).reduce((sum, one) => sum + one, 0),
  };
  return Promise.race([asked.promise, work(session).then(() => 'commit' as const)]);
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** In an order in which random ids play no part. */
const sorted = (rows: Rows) =>
  [...rows]
    .map((row) => ({ row, by: JSON.stringify(row).replace(UUID, '') }))
    .sort((one, two) => (one.by < two.by ? -1 : 1))
    .map(({ row }) => row);

/** The same for states from which the same can follow. Random ids differ from run to run and mean nothing. */
function identity({ committed, connections }: State): string {
  const text = JSON.stringify([
    sorted(committed),
    connections.map(({ own, waiting, ...rest }) => [rest, sorted(own), waiting && sorted(waiting.since)]),
  ]);
  const known = new Map<string, string>();
  const plain = text.replace(UUID, (uuid) => {
    const number = known.get(uuid) ?? String(known.size);
    known.set(uuid, number);
    return number;
  });
  return createHash('sha1').update(plain).digest('base64');
}
