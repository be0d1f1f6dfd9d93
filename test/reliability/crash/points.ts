import { execFileSync } from 'node:child_process';
import { MODES, type QueueMode } from './cells.ts';

/** A place at which a host can die: at a request of this name, before the service hears of it or after it has done it. */
interface Point {
  readonly name: string;
  readonly when: 'before' | 'after';
  /** How many requests of this name a job makes: any of them may be the one. */
  readonly occurrences: number;
}

/** After so many runs in a row every point has been visited. */
export const TURNS = 10;

/** Every point of a job, by the names of its requests as they came. */
export function pointsOf(names: readonly string[]): Point[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, occurrences]) =>
      (['before', 'after'] as const).map((when) => ({ name, when, occurrences })),
    );
}

/** The points whose turn it is, and how the queues behave there: another way each time a point's turn comes round. */
export function pointsAt(points: readonly Point[], turn: number): (Point & { mode: QueueMode })[] {
  return points.flatMap((point, index) => {
    if (index % TURNS !== turn % TURNS) return [];
    const round = Math.floor(turn / TURNS);
    return [{ ...point, mode: MODES[(Math.floor(index / TURNS) + round) % MODES.length] ?? 'plain' }];
  });
}

/**
 * Which turn a run has, and the seed of what is left to chance: by the commit, so that ten commits in a row visit every
 * point and a run of the same commit repeats itself. `CRASH_TURN` and `SEED` in the environment go before. Where the
 * history was not fetched it is the day's turn.
 */
export function turnOfCommit(env: NodeJS.ProcessEnv = process.env): { turn: number; seed: number } {
  const git = (...args: string[]) => {
    try {
      return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    } catch {
      return '';
    }
  };
  const isWhole = git('rev-parse', '--is-shallow-repository') === 'false';
  const commits = isWhole ? Number(git('rev-list', '--count', 'HEAD')) : 0;
  const today = Math.floor(Date.now() / (24 * 3_600_000));
  return {
    turn: Number(env.CRASH_TURN ?? (commits || today)),
    seed: Number(env.SEED ?? Number.parseInt(git('rev-parse', '--short=7', 'HEAD') || '0', 16)),
  };
}
