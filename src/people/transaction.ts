import { randomUUID } from 'node:crypto';
import { appendEntry } from '../audit/append.ts';
import { type AuditRequest, type PreparedEntry, prepareEntry } from '../audit/entry.ts';
import { chunksOf, listOf } from '../database/chunks.ts';
import type { Session } from '../database/database.ts';
import { sql, text } from '../database/sql.ts';
import { type Anchored, anchorsOf } from './anchors.ts';
import { refuseContradiction } from './contradiction.ts';
import type { Decision, DecisionKind } from './decision.ts';
import { appendDecision, decisionsWhere } from './decision-log.ts';
import { refuseCandidateWord, refuseEnquiryPair } from './enquiry-pair.ts';
import { ChangedMeanwhileError, UnknownDecisionError, UnknownNodeError } from './errors.ts';
import { Graph } from './graph.ts';
import { isPerson, type Node, personNode, personOf } from './node.ts';
import type { Recognition } from './threshold.ts';
import { project, wordOn } from './words.ts';

/** Who decides, and what else is to be remembered of it. */
export interface Saying {
  by: string;
  reason?: string;
  /** The confidence that was shown. */
  score?: number;
  model?: string;
  blind?: boolean;
  candidateId?: string;
  enquiryId?: string;
}

/** Runs work that decides, all or nothing. */
export type WritePeople = <T>(work: (transaction: PeopleTransaction) => Promise<T>) => Promise<T>;

/** What is made once, so that a transaction that runs again writes the same. */
export class Once {
  /** Whether one person's word is enough to say who an enquiry's face is: SECOND_REVIEW is off. */
  readonly alone: boolean;

  constructor(alone: boolean) {
    this.alone = alone;
  }

  readonly #ids: string[] = [];
  readonly #entries: PreparedEntry[] = [];

  id(n: number): string {
    this.#ids[n] ??= randomUUID();
    return this.#ids[n];
  }

  entry(n: number, request: AuditRequest, now: number): PreparedEntry {
    this.#entries[n] ??= prepareEntry(request, now);
    return this.#entries[n];
  }
}

/** Decisions under way. Its groups are solved, and what was done is told to the audit, when the work is done. */
export class PeopleTransaction {
  readonly session: Session;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly #now: number;
  readonly recognition: Recognition;
  readonly #once: Once;
  readonly #dirty = new Set<Node>();
  readonly #decided: (readonly [Node, Node])[] = [];
  readonly #written: string[] = [];
  #ids = 0;
  readonly #entries: PreparedEntry[] = [];

  constructor(session: Session, now: number, recognition: Recognition, once: Once) {
    this.session = session;
    this.at = new Date(now).toISOString();
    this.#now = now;
    this.recognition = recognition;
    this.#once = once;
  }

  newId(): string {
    this.#ids += 1;
    return this.#once.id(this.#ids - 1);
  }

  /** Tells the audit, at the end of the transaction. */
  audit(request: AuditRequest): void {
    this.#entries.push(this.#once.entry(this.#entries.length, request, this.#now));
  }

  /** Has what hangs on two nodes solved at the end: another word may count about them now, or none. */
  reworded(one: Node, two: Node): void {
    this.#decided.push([one, two]);
    this.#concern(one, two);
  }

  /** Has what follows from the groups of these nodes made again at the end. */
  #concern(...nodes: readonly Node[]): void {
    for (const node of nodes) this.#dirty.add(node);
  }

  /** Pairs on which another word may count now: nothing else that groups follow from is changed by who decides. */
  get decided(): readonly (readonly [Node, Node])[] {
    return this.#decided;
  }

  /** Ids of the decisions that were written, in their order. */
  get written(): readonly string[] {
    return this.#written;
  }

  get dirty(): ReadonlySet<Node> {
    return this.#dirty;
  }

  async tellAudit(): Promise<void> {
    for (const entry of this.#entries) await appendEntry(this.session, entry);
  }

  /** Adds to the log what joins and parts nothing: `verify`, `propose`, `close`, `reopen`. */
  async append(
    kind: Exclude<DecisionKind, 'same' | 'different' | 'undo'>,
    saying: Saying & { faces?: readonly string[]; persons?: readonly string[] },
  ): Promise<Decision> {
    const anchors = await anchorsOf(this.session, saying.faces ?? [], true);
    this.#concern(...[...anchors.values()].map(({ current }) => current));
    const faces = [...anchors.values()];
    const decision = this.#decision(kind, faces, saying.persons ?? [], saying);
    await appendDecision(this.session, decision);
    return decision;
  }

  /**
   * Says that two nodes are one person, or are not. The last word counts: what was said of these two before counts no
   * longer, until this is undone.
   *
   * @param a of two persons, the one that is merged into `b`
   * @throws {UnknownNodeError} @throws {ContradictionError}
   */
  async say(a: Node, b: Node, kind: 'same' | 'different', saying: Saying): Promise<Decision> {
    const anchors = await this.#known([a, b], true);
    const now = (node: Node) => anchors.get(node)?.current ?? node;
    const [one, two] = [now(a), now(b)];
    if (one === two) throw new UnknownNodeError([a, b], 'These two are one already: it takes two.');
    const word = await wordOn(this.session, [one, two]);
    const around = await this.#decidedAround(kind, one, two);
    if (this.#isByHand(saying)) refuseEnquiryPair(kind, around.sides, around.batchOf);
    refuseContradiction(around.links, around.photographs, { a: one, b: two, kind });
    const faces = [a, b].flatMap((node) => anchors.get(node) ?? []);
    const persons = [a, b].flatMap((node) => personOf(node) ?? []);
    // One that was superseded by hand of somebody else at the same moment is superseded as well.
    const [superseded, ...others] = word.counting.toReversed();
    for (const other of others) await this.#takeBack(other, saying);
    const decision = this.#decision(kind, faces, persons, {
      ...saying,
      ...(superseded && { supersedes: superseded.id }),
    });
    await appendDecision(this.session, decision);
    await this.#settleWord(one, two);
    return decision;
  }

  /** The keys under which faces are found now. @throws {UnknownNodeError} */
  async currentOf(faces: readonly string[]): Promise<string[]> {
    const anchors = await this.#known(faces, false);
    return faces.map((face) => anchors.get(face)?.current ?? face);
  }

  /** Keeps with a face when its photograph was taken. @throws {UnknownNodeError} */
  async setTaken(face: string, taken: string | null): Promise<void> {
    const anchor = (await this.#known([face], true)).get(face);
    await this.session.run([
      sql`UPDATE face_anchor SET taken = ${text(taken)} WHERE face_key = ${text(anchor?.key)}`,
    ]);
    this.#concern(anchor?.current ?? face);
  }

  /**
   * Goes on only where what counts about two nodes is what the speaker has seen of them.
   *
   * @param seen when that was said; null for nothing
   * @returns whether there is nothing left to do: the same person has said the same, or nothing is left to take back
   * @throws {UnknownNodeError} @throws {ChangedMeanwhileError}
   */
  async seen(
    a: Node,
    b: Node,
    kind: 'same' | 'different' | 'undecided',
    { by, seen }: { by: string; seen: string | null },
  ): Promise<{ done: boolean; last: Decision | undefined }> {
    const anchors = await this.#known([a, b], false);
    const now = (node: Node) => anchors.get(node)?.current ?? node;
    const { last } = await wordOn(this.session, [now(a), now(b)]);
    if ((last?.at ?? null) === seen) return { done: false, last };
    const isSaid = kind === 'undecided' ? last === undefined : last?.kind === kind && last.by === by;
    if (isSaid) return { done: true, last };
    throw new ChangedMeanwhileError(
      'Somebody else has decided about these two faces since you saw them: look at what was said, then decide.',
    );
  }

  /** Takes back whatever counts about two nodes. @returns the last decision written; undefined where nothing counted */
  async unsay(a: Node, b: Node, saying: Saying): Promise<Decision | undefined> {
    const anchors = await this.#known([a, b], false);
    const now = (node: Node) => anchors.get(node)?.current ?? node;
    const pair = [now(a), now(b)] as const;
    let last: Decision | undefined;
    for (;;) {
      const { counting } = await wordOn(this.session, pair);
      if (counting.length === 0) break;
      for (const one of counting) {
        if (this.#isByHand(saying)) refuseCandidateWord(one);
        last = await this.#takeBack(one, saying);
      }
    }
    if (last) await this.#settleWord(...pair);
    return last;
  }

  /**
   * As if a decision had never been.
   *
   * @throws {UnknownDecisionError} where there is none, or it does not count any more
   * @throws {PeopleRefusedError} where it was said of a candidate, by another way than there
   */
  async undo(id: string, saying: Saying): Promise<Decision> {
    const [target] = await decisionsWhere(this.session, sql`decision_id = ${text(id)}`);
    if (!target || !(await this.#counts(id))) throw new UnknownDecisionError(id);
    if (this.#isByHand(saying)) for (const one of await this.#takenBackBy(target)) refuseCandidateWord(one);
    const undone = await this.#takeBack(target, saying);
    const anchors = await anchorsOf(this.session, target.faces, false);
    const faces = target.faces.map((face) => anchors.get(face)?.current ?? face);
    const [one, two] = [...faces, ...target.persons.map(personNode)];
    // Nothing was said of who the two are: what follows from it is a candidate, and solved with its faces.
    if (target.kind === 'propose') this.#concern(...faces);
    else if (one !== undefined && two !== undefined) await this.#settleWord(one, two);
    return undone;
  }

  /** Nobody has said it of a candidate, and it takes two people to do that. */
  #isByHand({ candidateId }: Saying): boolean {
    return !this.#once.alone && candidateId === undefined;
  }

  /** A decision, and, where it is an undo, what comes back with it. */
  async #takenBackBy(target: Decision): Promise<Decision[]> {
    if (target.kind !== 'undo') return [target];
    return [
      target,
      ...(await decisionsWhere(this.session, sql`decision_id = ${text(target.supersedes ?? '')}`)),
    ];
  }

  async #counts(id: string): Promise<boolean> {
    for (const later of await decisionsWhere(this.session, sql`supersedes = ${text(id)}`))
      if (await this.#counts(later.id)) return false;
    return true;
  }

  /** Repeats what it is about, so that whoever erases that finds it. */
  async #takeBack(target: Decision, { by, reason }: Saying): Promise<Decision> {
    const { candidateId, enquiryId, faces, images, persons } = target;
    const undo: Decision = {
      id: this.newId(),
      kind: 'undo',
      faces,
      images,
      persons,
      by,
      at: this.at,
      blind: false,
      ...(candidateId !== undefined && { candidateId }),
      ...(enquiryId !== undefined && { enquiryId }),
      ...(reason !== undefined && { reason }),
      supersedes: target.id,
    };
    await appendDecision(this.session, undo);
    this.#written.push(undo.id);
    return undo;
  }

  async #settleWord(one: Node, two: Node): Promise<void> {
    await project(this.session, [one, two]);
    this.reworded(one, two);
  }

  #decision(
    kind: DecisionKind,
    given: readonly Anchored[],
    persons: readonly string[],
    {
      by,
      reason,
      score,
      model,
      blind = false,
      candidateId,
      enquiryId,
      supersedes,
    }: Saying & {
      supersedes?: string;
    },
  ): Decision {
    const faces = [...given].sort((one, two) => (one.key < two.key ? -1 : 1));
    const id = this.newId();
    this.#written.push(id);
    return {
      id,
      kind,
      faces: faces.map(({ key }) => key),
      images: faces.map(({ imageId }) => imageId),
      persons: [...persons],
      by,
      at: this.at,
      ...(reason !== undefined && { reason }),
      ...(score !== undefined && { score }),
      ...(model !== undefined && { model }),
      blind,
      ...(candidateId !== undefined && { candidateId }),
      ...(enquiryId !== undefined && { enquiryId }),
      ...(supersedes !== undefined && { supersedes }),
    };
  }

  /** @throws {UnknownNodeError} */
  async #known(nodes: readonly Node[], make: boolean): Promise<Map<string, Anchored>> {
    const anchors = await anchorsOf(
      this.session,
      nodes.filter((node) => !isPerson(node)),
      make,
    );
    const persons = nodes.flatMap((node) => personOf(node) ?? []);
    const [rows = []] =
      persons.length === 0
        ? []
        : await this.session.read([
            sql`SELECT person_id FROM person WHERE person_id IN (${listOf([...new Set(persons)])})`,
          ]);
    const known = new Set(rows.map(({ person_id }) => personNode(person_id as string)));
    const unknown = nodes.filter((node) => (isPerson(node) ? !known.has(node) : !anchors.has(node)));
    if (unknown.length > 0) throw new UnknownNodeError(unknown);
    return anchors;
  }

  /** Everything that decisions tie to these two, and what is said about it; not what is said of the two themselves. */
  async #decidedAround(kind: 'same' | 'different', one: Node, two: Node) {
    const graph = new Graph(this.session, this.recognition.figures);
    const sides = [
      await decidedWith(this.session, graph, [one]),
      kind === 'same' ? await decidedWith(this.session, graph, [two]) : new Set([two]),
    ] as const;
    const members = kind === 'same' ? new Set([...sides[0], ...sides[1]]) : sides[0];
    const faces = await graph.faces([...members, one, two].filter((node) => !isPerson(node)));
    const links = (await graph.linksOf(members)).filter(
      ({ a, b }) => !((a === one && b === two) || (a === two && b === one)),
    );
    const batchOf = (face: Node) => faces.get(face)?.batchId;
    return {
      links,
      photographs: new Map([...faces].map(([face, { imageId }]) => [face, imageId])),
      sides,
      batchOf,
    };
  }
}

/** Whoever is one person with these by decisions alone, as it was last solved, and by what was said since. */
export async function decidedWith(
  session: Session,
  graph: Graph,
  nodes: readonly Node[],
): Promise<Set<Node>> {
  const found = new Set(nodes);
  let frontier = [...nodes];
  while (frontier.length > 0) {
    const next = new Set<Node>(await graph.saidSame(frontier));
    for (const some of chunksOf(frontier.filter((node) => !isPerson(node)))) {
      const [rows = []] = await session.read([
        sql`SELECT face_key FROM face_group WHERE solid_id IN (SELECT solid_id FROM face_group WHERE face_key IN (${listOf(some)}))
          AND contested = 0`,
      ]);
      for (const { face_key } of rows) next.add(face_key as string);
    }
    frontier = [...next].filter((node) => !found.has(node));
    for (const node of frontier) found.add(node);
  }
  return found;
}
