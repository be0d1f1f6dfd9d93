import type { Database } from '../../database/database.ts';
import { int, type Sql, sql, text } from '../../database/sql.ts';
import type { Clock, Random } from '../../domain/ports.ts';
import { nameOf, reviewerOf, type Speaker } from '../enquiry/standing.ts';
import { whoText } from '../who-column.ts';
import type { Answer } from './known.ts';
import { KnownPairs } from './known-pairs.ts';
import { figuresOf, type ReviewerFigures } from './reviewers.ts';

/** How reviewers are measured here. */
interface Measuring {
  /** Of so many pairs that are reviewed one has a known answer; 0: none, nobody is measured. */
  readonly oneIn: number;
  /** ISO 8601, UTC; absent where nobody has set it yet. */
  readonly changedAt?: string;
  readonly changedBy?: string;
}

/** What all reviewers together get wrong. */
export interface GroupFigures extends ReviewerFigures {
  /** Who agreed to be measured. */
  readonly reviewers: number;
  /** Pairs that can be put before them, by answer. */
  readonly known: Readonly<Record<Answer, number>>;
}

/** Figures are of pairs that were known so long ago. */
const STALE_MS = 60_000;
/** Fewest reviewers of whom a figure is told: of fewer, each could be worked out by the others. */
const FEWEST_REVIEWERS = 3;

/**
 * Reviewers who agree are measured with pairs whose answer is known. What they say of these stands in tables of its own:
 * nothing else reads it, so that it changes no group, no candidate and no calibration.
 */
export class ReviewerMeasuring {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly pairs: KnownPairs;

  constructor(database: Database, ports: { clock: Clock; random: Random }) {
    this.#database = database;
    this.#clock = ports.clock;
    this.pairs = new KnownPairs(database, ports);
  }

  async settings(): Promise<Measuring> {
    const [[row] = []] = await this.#database.read([
      sql`SELECT one_in, changed_at, changed_by FROM reviewer_measuring WHERE id = 1`,
    ]);
    return row
      ? {
          oneIn: Number(row.one_in),
          changedAt: row.changed_at as string,
          changedBy: row.changed_by as string,
        }
      : { oneIn: 0 };
  }

  /** @param oneIn 0 ends it: nobody is shown another known pair */
  async set(oneIn: number, by: string): Promise<void> {
    await this.#database.write(async (session) => {
      await session.run([
        sql`DELETE FROM reviewer_measuring WHERE id = 1`,
        sql`INSERT INTO reviewer_measuring (id, one_in, changed_by, changed_at)
          VALUES (1, ${int(oneIn)}, ${whoText(by)}, ${text(this.#at())})`,
      ]);
    });
    if (oneIn > 0) await this.pairs.look();
  }

  /** Since when this reviewer agrees to be measured; undefined where they do not. */
  async agreedAt(speaker: Speaker): Promise<string | undefined> {
    const [[row] = []] = await this.#database.read([
      sql`SELECT agreed_at FROM reviewer_consent WHERE reviewer = ${text(reviewerOf(speaker))}`,
    ]);
    return row?.agreed_at as string | undefined;
  }

  async agree(speaker: Speaker): Promise<void> {
    const reviewer = text(reviewerOf(speaker));
    await this.#database.write((session) =>
      session.run([
        sql`INSERT INTO reviewer_consent (reviewer, name, agreed_at)
          SELECT ${reviewer}, ${whoText(nameOf(speaker))}, ${text(this.#at())}
          WHERE NOT EXISTS (SELECT 1 FROM reviewer_consent WHERE reviewer = ${reviewer})`,
      ]),
    );
  }

  /** Takes the agreement back, and with it every word that was measured. */
  async withdraw(speaker: Speaker): Promise<void> {
    const reviewer = text(reviewerOf(speaker));
    await this.#database.write((session) =>
      session.run([
        sql`DELETE FROM reviewer_consent WHERE reviewer = ${reviewer}`,
        // That they were asked stays some days: a word from a page that is still open must not become a decision.
        sql`UPDATE known_answer SET word = NULL, said_at = NULL WHERE reviewer = ${reviewer}`,
      ]),
    );
  }

  /** How often this reviewer is to meet a known pair, one in so many; 0 where never. */
  async oneInFor(speaker: Speaker): Promise<number> {
    const [[row] = []] = await this.#database.read([
      sql`SELECT m.one_in FROM reviewer_measuring m WHERE m.id = 1 AND m.one_in > 0 AND EXISTS
        (SELECT 1 FROM reviewer_consent c WHERE c.reviewer = ${text(reviewerOf(speaker))})`,
    ]);
    return Number(row?.one_in ?? 0);
  }

  /** What this reviewer gets wrong, for nobody but them. */
  async own(speaker: Speaker): Promise<ReviewerFigures> {
    return this.#figures(sql`k.reviewer = ${text(reviewerOf(speaker))}`);
  }

  /** What all of them together get wrong; no rates where they are so few that one could be told from them. */
  async group(): Promise<GroupFigures> {
    const figures = await this.#figures(sql`1 = 1`);
    const [[counted] = [], [spoken] = [], known = []] = await this.#database.read([
      sql`SELECT COUNT(*) AS n FROM reviewer_consent`,
      sql`SELECT COUNT(DISTINCT reviewer) AS n FROM known_answer WHERE word IS NOT NULL`,
      sql`SELECT answer, COUNT(*) AS n FROM known_pair GROUP BY answer`,
    ]);
    const of = (answer: Answer) => Number(known.find((row) => row.answer === answer)?.n ?? 0);
    const few = Number(spoken?.n ?? 0) < FEWEST_REVIEWERS;
    return {
      reviewers: Number(counted?.n ?? 0),
      known: { same: of('same'), different: of('different') },
      answers: few ? 0 : figures.answers,
      falseSame: few ? null : figures.falseSame,
      falseDifferent: few ? null : figures.falseDifferent,
    };
  }

  /** Only pairs that are known still: two may have come to think otherwise since. */
  async #figures(whose: Sql): Promise<ReviewerFigures> {
    await this.pairs.refresh(STALE_MS);
    const [rows = []] = await this.#database.read([
      sql`SELECT p.answer, k.word, COUNT(*) AS n FROM known_answer k
        JOIN known_pair p ON p.face_a = k.face_a AND p.face_b = k.face_b
        WHERE ${whose} AND k.word IS NOT NULL GROUP BY p.answer, k.word`,
    ]);
    return figuresOf(
      rows.map(({ answer, word, n }) => ({
        truth: answer as Answer,
        said: word as Answer,
        times: Number(n),
      })),
    );
  }

  #at(): string {
    return new Date(this.#clock()).toISOString();
  }
}
