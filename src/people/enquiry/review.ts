import { subject } from '../../audit/subject.ts';
import type { Row } from '../../database/database.ts';
import { raw, sql, text } from '../../database/sql.ts';
import type { Clock, Random } from '../../domain/ports.ts';
import { anchorsOf } from '../anchors.ts';
import { PeopleRefusedError, UnknownDecisionError } from '../errors.ts';
import type { People } from '../people.ts';
import type { PeopleTransaction, Saying } from '../transaction.ts';
import { MOST_NAME } from '../who-column.ts';
import { hasFace, membersOf } from './candidate-members.ts';
import { hiddenFrom } from './hidden.ts';
import { NO_SCORE } from './make.ts';
import { refuseWhereOver, requireEnquiry, UnknownEnquiryError } from './over.ts';
import { type PutForwardFace, proposeByHand } from './propose.ts';
import { type SolveOptions, solveEnquiry } from './solve.ts';
import {
  CONTROL_EVERY,
  nameOf,
  reviewerAmong,
  type Speaker,
  type Standing,
  type Word,
  wordsThatCount,
} from './standing.ts';
import { insertWord, noteDecision, readWords, type StoredWord, wordsAbout } from './words.ts';

interface ReviewDeps extends Pick<SolveOptions, 'needed'> {
  readonly people: People;
  readonly clock: Clock;
  readonly random: Random;
}

interface SaidOfCandidate {
  readonly word: Word;
  readonly reason?: string;
  /** The version of the candidate that was looked at; any where absent. */
  readonly version?: number;
}

/** What reviewers say of candidates. */
export class Review {
  readonly #deps: ReviewDeps;

  constructor(deps: ReviewDeps) {
    this.#deps = deps;
  }

  /**
   * Says a word about a candidate. The last of each reviewer counts. A find takes two: the first word "same" is seen by
   * nobody else until another has spoken.
   *
   * @param speaker who says it, as the platform signed them in
   * @throws {UnknownEnquiryError} @throws {PeopleRefusedError} @throws {ContradictionError}
   */
  say(id: string, { word, reason, version }: SaidOfCandidate, speaker: Speaker): Promise<void> {
    const by = nameOf(speaker);
    const { people, random, needed } = this.#deps;
    // Drawn once, so that a transaction that runs again comes to the same.
    const isDrawn = random() * CONTROL_EVERY < 1;
    return people.write(async (transaction) => {
      const { session, at } = transaction;
      const candidate = await this.#candidate(transaction, id);
      const { enquiry } = candidate;
      const members = (await membersOf(session, [id])).get(id) ?? [];
      const all = await readWords(session, enquiry);
      const reviewer = reviewerAmong(all, speaker);
      const words = wordsThatCount(all);
      const about = wordsAbout(new Set(members.map(({ face }) => face)), words);
      const earlier = words.findLast((one) => one.reviewer === reviewer && one.candidate === id);
      if (earlier?.word === word && earlier.reason === reason) return;
      if (version !== undefined && version !== candidate.version)
        throw new PeopleRefusedError(
          'CandidateChanged',
          'The candidate has changed since you looked at it, a face has come or gone, say: look at it again, then decide.',
        );
      // Whoever gave a verdict before, though it was taken back, has seen the score, or the word of the other.
      const knows = all.some(
        (one) =>
          one.reviewer === reviewer &&
          one.candidate === id &&
          (one.word === 'same' || one.word === 'different'),
      );
      const blind = candidate.firstReviewer !== undefined && candidate.firstReviewer !== reviewer && !knows;
      const isFirst = about.every((one) => one.word === 'later' || one.reviewer === reviewer);
      const said = {
        id: transaction.newId(),
        candidate: id,
        word,
        by: by.slice(0, MOST_NAME).toWellFormed(),
        reviewer,
        at,
        blind,
        controlled: word === 'different' && isFirst && needed === 2 && isDrawn,
        model: candidate.model,
        leadFace: candidate.bestFace,
        imageId: candidate.bestImage,
        ...(reason !== undefined && { reason }),
        ...(!blind && candidate.score !== NO_SCORE && { score: candidate.score }),
        ...(earlier && { supersedes: earlier.id }),
      };
      const judged = word === 'different' ? members : [];
      // Found again under another key, they are still those of whom it was said.
      await anchorsOf(session, [candidate.bestFace, ...judged.map(({ face }) => face)], true);
      await session.run(insertWord(enquiry, said, judged));
      await this.#settle(transaction, enquiry, by);
      // Not which word it was: whoever may read the audit may be the second.
      transaction.audit({
        who: by,
        action: 'candidate.decided',
        about: [subject.candidate(id), subject.enquiry(enquiry)],
        detail: { blind },
      });
    });
  }

  /**
   * Puts a face forward that the machine did not propose; it is no word about it.
   *
   * @param by the name of who does
   * @returns id of its candidate
   * @throws {UnknownEnquiryError} @throws {UnknownNodeError} @throws {PeopleRefusedError}
   */
  propose(enquiry: string, given: PutForwardFace, by: string): Promise<string> {
    return proposeByHand(enquiry, given, by, this.#deps);
  }

  /**
   * Takes a word back, as if it had never been said.
   *
   * @throws {UnknownEnquiryError} also where it is one that the person must not know of
   */
  undo(wordId: string, speaker: Speaker, reason?: string): Promise<{ candidate: string }> {
    const by = nameOf(speaker);
    return this.#deps.people.write(async (transaction) => {
      const { session, at } = transaction;
      const [rows] = await session.read([
        sql`SELECT enquiry_id FROM candidate_word WHERE word_id = ${text(wordId)}`,
      ]);
      const enquiry = rows?.[0]?.enquiry_id as string | undefined;
      if (enquiry === undefined) throw new UnknownEnquiryError('word');
      const all = await readWords(session, enquiry);
      const reviewer = reviewerAmong(all, speaker);
      const word = wordsThatCount(all).find(({ id }) => id === wordId);
      if (!word || (await this.#isHidden(transaction, enquiry, word, reviewer)))
        throw new UnknownEnquiryError('word');
      await requireEnquiry(session, enquiry);
      const undo = {
        ...word,
        id: transaction.newId(),
        word: 'undo' as const,
        by: by.slice(0, MOST_NAME).toWellFormed(),
        reviewer,
        at,
      };
      const { reason: _, score: __, ...rest } = undo;
      await session.run(
        insertWord(
          enquiry,
          {
            ...rest,
            blind: false,
            controlled: false,
            supersedes: wordId,
            ...(reason !== undefined && { reason }),
          },
          [],
        ),
      );
      await this.#settle(transaction, enquiry, by);
      transaction.audit({
        who: by,
        action: 'candidate.undone',
        about: [subject.candidate(word.candidate), subject.enquiry(enquiry)],
      });
      return { candidate: word.candidate };
    });
  }

  /** Whether a word waits for a second look that this reader may give. */
  async #isHidden(
    { session }: PeopleTransaction,
    enquiry: string,
    word: StoredWord,
    reader: string,
  ): Promise<boolean> {
    if (word.reviewer === reader) return false;
    const [rows = []] = await session.read([
      sql`SELECT candidate_id FROM candidate WHERE enquiry_id = ${text(enquiry)} AND ${hasFace(word.leadFace)}
          AND ${hiddenFrom(reader, 'candidate')}`,
    ]);
    return rows.length > 0;
  }

  /** Makes the enquiry's candidates again, and of what counts now decisions about faces. @param by whose word it follows from */
  async #settle(transaction: PeopleTransaction, enquiry: string, by: string): Promise<void> {
    const { session, at } = transaction;
    const { needed } = this.#deps;
    const { model } = transaction.recognition;
    await solveEnquiry(session, enquiry, { at, model, needed });
    const all = await readWords(session, enquiry);
    const counting = wordsThatCount(all);
    const [rows = []] = await session.read([
      sql`SELECT ${raw(CANDIDATE)} FROM candidate WHERE enquiry_id = ${text(enquiry)}`,
    ]);
    const candidates = rows.map(toCandidate);
    const members = await membersOf(
      session,
      candidates.map(({ id }) => id),
    );
    for (const candidate of candidates) {
      const faces = new Set((members.get(candidate.id) ?? []).map(({ face }) => face));
      await publish(transaction, candidate, {
        counting: wordsAbout(faces, counting),
        published: wordsAbout(faces, all).filter(({ decision }) => decision !== undefined),
        by,
      });
    }
  }

  async #candidate(transaction: PeopleTransaction, id: string): Promise<CandidateRow> {
    const [rows] = await transaction.session.read([
      sql`SELECT ${raw(CANDIDATE)} FROM candidate WHERE candidate_id = ${text(id)}`,
    ]);
    if (!rows?.[0]) throw new UnknownEnquiryError('candidate');
    const candidate = toCandidate(rows[0]);
    await refuseWhereOver(transaction.session, candidate.enquiry, this.#deps.clock());
    return candidate;
  }
}

interface CandidateRow {
  id: string;
  enquiry: string;
  standing: Standing;
  /** Who has spoken, where a second look is asked for. */
  firstReviewer: string | undefined;
  score: number;
  /** That compared its faces; empty where none did. */
  model: string;
  bestFace: string;
  bestImage: string;
  ownFace: string | undefined;
  version: number;
}

const CANDIDATE =
  'candidate_id, enquiry_id, standing, second_look, first_reviewer, score, model, best_face, best_image, own_face, version';

const toCandidate = (row: Row): CandidateRow => ({
  id: row.candidate_id as string,
  enquiry: row.enquiry_id as string,
  standing: row.standing as Standing,
  firstReviewer: row.second_look === 1 ? (row.first_reviewer as string) : undefined,
  score: row.score as number,
  model: row.model as string,
  bestFace: row.best_face as string,
  bestImage: row.best_image as string,
  ownFace: (row.own_face as string | null) ?? undefined,
  version: row.version as number,
});

/**
 * Makes of what reviewers agree on a decision about the two faces, and takes it back where they do not any more. A word
 * that waits for a second look stands in no decision: the second may read those.
 */
async function publish(
  transaction: PeopleTransaction,
  { id, enquiry, standing, firstReviewer, ownFace, bestFace }: CandidateRow,
  {
    counting,
    published,
    by: whose,
  }: { counting: readonly StoredWord[]; published: readonly StoredWord[]; by: string },
): Promise<void> {
  const wanted =
    firstReviewer !== undefined
      ? undefined
      : standing === 'found'
        ? 'same'
        : standing === 'different'
          ? 'different'
          : undefined;
  let isThere = false;
  for (const word of published) {
    const stillCounts = counting.some((one) => one.id === word.id);
    if (word.word === wanted && stillCounts) {
      isThere = true;
      continue;
    }
    await transaction
      .undo(word.decision ?? '', { by: whose, candidateId: id, enquiryId: enquiry })
      .catch((error) => {
        // Somebody has taken it back by hand.
        if (!(error instanceof UnknownDecisionError)) throw error;
      });
    await transaction.session.run([noteDecision(word.id, null)]);
  }
  if (wanted === undefined || isThere) return;
  const words = counting.filter(({ word }) => word === wanted);
  const [first, ...others] = words;
  if (!first || ownFace === undefined) return;
  const saying = ({ by, reason, score, model, blind }: StoredWord): Saying => ({
    by,
    blind,
    candidateId: id,
    enquiryId: enquiry,
    ...(reason !== undefined && { reason }),
    ...(score !== undefined && { score }),
    ...(model !== '' && { model }),
  });
  const decision = await transaction.say(ownFace, bestFace, wanted, saying(first));
  await transaction.session.run([noteDecision(first.id, decision.id)]);
  if (wanted !== 'same') return;
  for (const other of others)
    await transaction.append('verify', { ...saying(other), faces: [ownFace, bestFace] });
}
