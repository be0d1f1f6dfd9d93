import { subject } from '../audit/subject.ts';
import { chunksOf, listOf } from '../database/chunks.ts';
import type { Database, Row, Session } from '../database/database.ts';
import { sql, text } from '../database/sql.ts';
import type { Clock } from '../domain/ports.ts';
import type { Decision as PairDecision, Verdict } from '../results/pair-view.ts';
import { readRecognition } from '../results/recognition-state.ts';
import { reanchor } from './anchors.ts';
import type { Decision } from './decision.ts';
import { type DecisionQuery, readDecisions } from './decision-log.ts';
import { Graph } from './graph.ts';
import { GroupReader } from './group-reader.ts';
import type { Node } from './node.ts';
import { personNode, personOf } from './node.ts';
import { Persons } from './persons.ts';
import { rescope } from './scope.ts';
import { type Follower, solve } from './solve.ts';
import { splitFaces } from './split.ts';
import type { Figures, Recognition } from './threshold.ts';
import { Once, PeopleTransaction, type Saying } from './transaction.ts';
import { projectFaces } from './words.ts';

interface PeopleOptions {
  clock: Clock;
  /** Whose published figures say how sure the machine is of two faces. */
  figures?: Figures | ((model: string) => Figures);
  /** Whether one person's word is enough to say who an enquiry's face is: `SECOND_REVIEW` is off. */
  alone?: boolean;
  /** Who keeps something that follows from groups. */
  followers?: readonly Follower[];
}

/** Images whose marks are solved in one transaction ... */
const IMAGES_AT_ONCE = 50;
/** ... with those that hang together with them. */
const MARKED_AT_ONCE = 20_000;

/** Who is who: what people decide about faces and persons, and the groups that follow. */
export class People {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #figuresOf: (model: string) => Figures;
  readonly #followers: readonly Follower[];
  readonly #alone: boolean;
  readonly groups: GroupReader;
  readonly persons: Persons;

  constructor(database: Database, { clock, figures, followers = [], alone = false }: PeopleOptions) {
    this.#alone = alone;
    this.#database = database;
    this.#clock = clock;
    this.#figuresOf = typeof figures === 'function' ? figures : () => figures;
    this.#followers = followers;
    this.groups = new GroupReader(database, async () => (await this.#recognition(database)).figures);
    this.persons = new Persons((work) => this.write(work), database);
  }

  get dialect(): Database['dialect'] {
    return this.#database.dialect;
  }

  /**
   * Does what decides something, all or nothing: they take turns, and groups, what follows from them and the audit are
   * written with it. `work` may run again: it takes its ids from the transaction.
   */
  async write<T>(work: (transaction: PeopleTransaction) => Promise<T>): Promise<T> {
    const now = this.#clock();
    const once = new Once(this.#alone);
    return this.#inTurn(async (session, recognition) => {
      const transaction = new PeopleTransaction(session, now, recognition, once);
      const result = await work(transaction);
      await this.#solve(session, recognition, transaction.dirty, transaction.at, transaction.decided);
      await transaction.tellAudit();
      return result;
    });
  }

  /**
   * Says whether two nodes are one person; `undecided` takes back what was said. It is told to the audit.
   *
   * @param seen when what counts of the two was said, as the speaker sees it; null for nothing, absent for whatever it is
   * @returns undefined where there was nothing to take back; what was said before where the same person has said it
   * @throws {UnknownNodeError} @throws {ContradictionError} @throws {ChangedMeanwhileError}
   */
  decide(
    a: Node,
    b: Node,
    verdict: 'same' | 'different' | 'undecided',
    saying: Saying,
    seen?: string | null,
  ): Promise<Decision | undefined> {
    return this.write(async (transaction) => {
      if (seen !== undefined) {
        const { done, last } = await transaction.seen(a, b, verdict, { by: saying.by, seen });
        if (done) return last;
      }
      transaction.audit({
        who: saying.by,
        action: 'match.decided',
        about: [a, b].sort().map(subjectOf),
        detail: { verdict: VERDICTS[verdict] },
      });
      return verdict === 'undecided'
        ? transaction.unsay(a, b, saying)
        : transaction.say(a, b, verdict, saying);
    });
  }

  /** The same in the words of the review queue. @throws {UnknownNodeError} @throws {ContradictionError} @throws {ChangedMeanwhileError} */
  async decidePair(
    a: string,
    b: string,
    verdict: Verdict,
    saying: Saying,
    seen?: string | null,
  ): Promise<PairDecision> {
    const kind = verdict === 'undecided' ? verdict : verdict === 'confirmed' ? 'same' : 'different';
    const decision = await this.decide(a, b, kind, saying, seen);
    return { verdict, by: decision?.by ?? saying.by, at: decision?.at ?? this.#at() };
  }

  /** As if a decision had never been; an undo can be undone, too. @throws {UnknownDecisionError} */
  async undo(id: string, saying: Saying): Promise<Decision> {
    const [undone] = await this.undoAll([id], saying);
    return undone as Decision;
  }

  /**
   * The same of several at once, all or none: of what one act took. The last is taken back first.
   *
   * @param ids in the order in which they were made
   * @returns an undo of each
   * @throws {UnknownDecisionError}
   */
  undoAll(ids: readonly string[], saying: Saying): Promise<Decision[]> {
    return this.write(async (transaction) => {
      const undone: Decision[] = [];
      for (const id of ids.toReversed()) {
        const one = await transaction.undo(id, saying);
        undone.push(one);
        transaction.audit({
          who: saying.by,
          action: 'decision.undone',
          about: [...one.faces, ...one.persons.map((person) => `person:${person}`)].map(subjectOf),
          detail: { decision: id },
        });
      }
      return undone;
    });
  }

  /**
   * Takes faces out of their groups, as those of another person or of nobody yet; whoever else is there stays.
   *
   * @param to id of the person whose they are
   * @returns ids of the decisions that it took, in their order: `undoAll` of them is as if it had never been
   * @throws {UnknownNodeError} @throws {ContradictionError} @throws {PeopleRefusedError}
   */
  split(faces: readonly string[], to: string | undefined, saying: Saying): Promise<string[]> {
    return this.write(async (transaction) => {
      transaction.audit({
        who: saying.by,
        action: 'group.split',
        about: [...faces.map(subject.face), ...(to === undefined ? [] : [subject.person(to)])],
      });
      await splitFaces(transaction, faces, to && personNode(to), saying);
      return [...transaction.written];
    });
  }

  /** Says when the photograph of a face was taken, as far as it is known. @throws {UnknownNodeError} */
  setTaken(face: string, taken: string | null, by: string): Promise<void> {
    return this.write(async (transaction) => {
      await transaction.setTaken(face, taken);
      transaction.audit({ who: by, action: 'face.dated', about: [subject.face(face)] });
    });
  }

  /** Decisions, newest first. */
  decisions(query: DecisionQuery): Promise<Decision[]> {
    return readDecisions(this.#database, query, (rows) => this.#database.dialect.limit(rows));
  }

  /** Makes the groups again that the faces of these images are in, or may be in, where they are marked. */
  async settle(images: readonly string[]): Promise<void> {
    for (const some of chunksOf(images, IMAGES_AT_ONCE)) {
      const [marked = []] = await this.#database.read([
        sql`SELECT image_id FROM people_dirty WHERE image_id IN (${listOf(some)})`,
      ]);
      if (marked.length > 0)
        await this.#inTurn((session, recognition) => this.#settle(session, recognition, some, some.length));
    }
  }

  /**
   * The same for whatever is marked, a few images at a time; also looks which batches have outgrown their threshold.
   *
   * @param until looked at between: true ends it
   * @returns images that were looked at
   */
  async settleAll(until: () => boolean = () => false): Promise<number> {
    await this.#inTurn((session, recognition) => this.#rescopeAll(session, recognition));
    let images = 0;
    while (!until()) {
      const [rows = []] = await this.#database.read([
        sql`SELECT DISTINCT image_id FROM people_dirty ORDER BY image_id${this.#database.dialect.limit(IMAGES_AT_ONCE)}`,
      ]);
      if (rows.length === 0) break;
      const some = rows.map(({ image_id }) => image_id as string);
      images += await this.#inTurn((session, recognition) =>
        this.#settle(session, recognition, some, MARKED_AT_ONCE),
      );
    }
    return images;
  }

  /**
   * Makes everything again that follows from edges and decisions, as if it had never been made: marks every image that
   * has any of it, and solves.
   */
  async rebuild(until: () => boolean = () => false): Promise<number> {
    await this.#inTurn(async (session) => {
      const at = text(this.#at());
      await session.run([
        sql`DELETE FROM people_group`,
        sql`DELETE FROM face_group`,
        sql`DELETE FROM people_dirty`,
        sql`INSERT INTO people_dirty (mark, image_id, marked_at) SELECT 'rebuild', o.id, ${at} FROM pipeline_output o
          WHERE EXISTS (SELECT 1 FROM face_match m WHERE m.image_a = o.id) OR EXISTS (SELECT 1 FROM face_match m WHERE m.image_b = o.id)
            OR EXISTS (SELECT 1 FROM face_anchor a WHERE a.image_id = o.id)`,
      ]);
      const [anchors = []] = await session.read([sql`SELECT DISTINCT current_key FROM face_anchor`]);
      await projectFaces(
        session,
        anchors.map(({ current_key }) => current_key as string),
      );
    });
    return this.settleAll(until);
  }

  /**
   * @param most images in all: those that hang together with the first, and are marked as well, are taken along, so that a
   *   large component is not solved once for each of its images
   * @returns images
   */
  async #settle(
    session: Session,
    recognition: Recognition,
    first: readonly string[],
    most: number,
  ): Promise<number> {
    const graph = new Graph(session, recognition.figures);
    const images = new Set<string>();
    const marks: Row[] = [];
    const nodes = new Set<Node>();
    for (let next: readonly string[] = first; next.length > 0; ) {
      for (const image of next) images.add(image);
      // Before anything else is read: whoever marks from here on is seen by the next.
      marks.push(...(await marksOf(session, next)));
      const added = await this.#nodesOf(session, next);
      for (const node of added) nodes.add(node);
      if (images.size >= most) break;
      const around = await graph.neighboursOf([...added]);
      next = (
        await markedAmong(
          session,
          around.filter((node) => !nodes.has(node)),
        )
      )
        .filter((image) => !images.has(image))
        .slice(0, most - images.size);
    }
    const at = this.#at();
    await rescope(session, await batchesOf(session, images), recognition.figures, at);
    await this.#solve(session, recognition, nodes, at);
    for (const [mark, rows] of Map.groupBy(marks, ({ mark }) => mark as string))
      for (const some of chunksOf(rows.map(({ image_id }) => image_id as string)))
        await session.run([
          sql`DELETE FROM people_dirty WHERE mark = ${text(mark)} AND image_id IN (${listOf(some)})`,
        ]);
    return images.size;
  }

  /** Faces that some images have or had, and those that decisions about them concern. */
  async #nodesOf(session: Session, images: readonly string[]): Promise<Set<Node>> {
    const nodes = new Set<Node>(await reanchor(session, images));
    for (const node of await projectFaces(session, [...nodes])) nodes.add(node);
    for (const some of chunksOf(images)) {
      const list = listOf(some);
      const sets = await session.read([
        sql`SELECT face_key FROM face WHERE image_id IN (${list})`,
        sql`SELECT face_key FROM face_group WHERE image_id IN (${list})`,
        sql`SELECT current_key AS face_key FROM face_anchor WHERE image_id IN (${list})`,
        // A candidate rests on a pair of such an image, which may be no more: then nothing else leads to it.
        sql`SELECT best_face AS face_key FROM candidate WHERE best_image IN (${list}) OR own_image IN (${list})`,
      ]);
      for (const { face_key } of sets.flat()) nodes.add(face_key as string);
    }
    return nodes;
  }

  async #rescopeAll(session: Session, { figures }: Recognition): Promise<void> {
    const [rows = []] = await session.read([
      sql`SELECT s.batch_id, s.faces, SUM(c.faces) AS now FROM group_scope s JOIN batch_count c ON c.batch_id = s.batch_id
        GROUP BY s.batch_id, s.faces`,
    ]);
    // A size is rounded up, by at most two and a half times; a batch that has shrunk that far is looked at as well.
    const outgrown = rows.filter(
      ({ faces, now }) => Number(now) > Number(faces) || Number(now) * 2 <= Number(faces),
    );
    await rescope(
      session,
      outgrown.map(({ batch_id }) => batch_id as string),
      figures,
      this.#at(),
    );
  }

  async #solve(
    session: Session,
    recognition: Recognition,
    dirty: ReadonlySet<Node>,
    at: string,
    decided?: readonly (readonly [Node, Node])[],
  ): Promise<void> {
    await solve(session, dirty, {
      ...recognition,
      followers: this.#followers,
      dialect: this.#database.dialect,
      at,
      decided,
    });
  }

  /** One row is changed first by all who decide or solve: they take turns, whatever database it is. */
  #inTurn<T>(work: (session: Session, recognition: Recognition) => Promise<T>): Promise<T> {
    return this.#database.write(async (session) => {
      await session.run([sql`UPDATE group_lock SET changes = changes + 1 WHERE id = 1`]);
      return work(session, await this.#recognition(session));
    });
  }

  async #recognition(reads: Pick<Session, 'read'>): Promise<Recognition> {
    const { active } = await readRecognition(reads);
    return { model: active, figures: this.#figuresOf(active) };
  }

  #at(): string {
    return new Date(this.#clock()).toISOString();
  }
}

async function marksOf(session: Session, images: readonly string[]): Promise<Row[]> {
  const marks: Row[] = [];
  for (const some of chunksOf(images)) {
    const [rows = []] = await session.read([
      sql`SELECT mark, image_id FROM people_dirty WHERE image_id IN (${listOf(some)})`,
    ]);
    marks.push(...rows);
  }
  return marks;
}

/** Marked images that have one of these faces. */
async function markedAmong(session: Session, faces: readonly string[]): Promise<string[]> {
  const images = new Set<string>();
  for (const some of chunksOf(faces)) {
    const [rows = []] = await session.read([
      sql`SELECT DISTINCT f.image_id FROM face f JOIN people_dirty d ON d.image_id = f.image_id
        WHERE f.face_key IN (${listOf(some)})`,
    ]);
    for (const { image_id } of rows) images.add(image_id as string);
  }
  return [...images];
}

async function batchesOf(session: Session, images: Iterable<string>): Promise<Set<string>> {
  const batches = new Set<string>();
  for (const some of chunksOf(images)) {
    const [rows = []] = await session.read([
      sql`SELECT DISTINCT batch_id FROM pipeline_output WHERE id IN (${listOf(some)})`,
    ]);
    for (const { batch_id } of rows) batches.add(batch_id as string);
  }
  return batches;
}

const VERDICTS = { same: 'confirmed', different: 'notSame', undecided: 'undecided' } as const;

const subjectOf = (node: Node): string => {
  const person = personOf(node);
  return person === undefined ? subject.face(node) : subject.person(person);
};
