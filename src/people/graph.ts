import { chunksOf, listOf } from '../database/chunks.ts';
import type { Dialect, Row, Session } from '../database/database.ts';
import { raw, sql } from '../database/sql.ts';
import type { Edge, Link } from './groups.ts';
import { isPerson, type Node, PERSONS_ONLY, personNode, personOf } from './node.ts';
import { type Place, selectPlaces, toPlace } from './places.ts';
import type { Surroundings } from './reach.ts';
import { readScopes, type Scopes } from './scope.ts';
import type { Figures } from './threshold.ts';

/** A face as grouping knows it. */
export interface KnownFace {
  imageId: string;
  batchId: string;
  /** Whether it is found there now: the machine joins no others. */
  live: boolean;
}

/** Edges and links as the tables hold them, read inside one transaction. */
export class Graph implements Surroundings {
  readonly #session: Session;
  readonly #figures: Figures;
  /** Of all faces whose component was asked for, where they had one. */
  readonly places = new Map<string, Place>();

  constructor(session: Session, figures: Figures) {
    this.#session = session;
    this.#figures = figures;
  }

  /** Faces that there are, and those that a decision is about though none is found there any more. */
  async faces(keys: Iterable<string>): Promise<Map<string, KnownFace>> {
    const faces = new Map<string, KnownFace>();
    for (const some of chunksOf(keys)) {
      const list = listOf(some);
      const sets = await this.#session.read([
        sql`SELECT f.face_key, f.image_id, o.batch_id, 1 AS live FROM face f JOIN pipeline_output o ON o.id = f.image_id
          WHERE f.face_key IN (${list})`,
        sql`SELECT a.current_key AS face_key, a.image_id, o.batch_id, 0 AS live FROM face_anchor a JOIN pipeline_output o ON o.id = a.image_id
          WHERE a.live = 0 AND a.current_key IN (${list})`,
      ]);
      for (const { face_key, image_id, batch_id, live } of sets.flat())
        faces.set(face_key as string, {
          imageId: image_id as string,
          batchId: batch_id as string,
          live: live === 1,
        });
    }
    return faces;
  }

  async scopesOf(faces: ReadonlyMap<string, KnownFace>): Promise<Scopes> {
    return readScopes(
      this.#session,
      new Set([...faces.values()].map(({ batchId }) => batchId)),
      this.#figures,
    );
  }

  /** Edges that count, between these faces. */
  async edgesAmong(faces: ReadonlyMap<string, KnownFace>, scopes: Scopes): Promise<Edge[]> {
    const edges: Edge[] = [];
    for (const some of chunksOf(faces.keys())) {
      const [rows = []] = await this.#session.read([
        sql`SELECT face_a AS a, face_b AS b, confidence FROM face_match WHERE face_a IN (${listOf(some)})`,
      ]);
      // Tens of thousands in a large group: none is copied.
      for (const edge of rows as unknown as Edge[]) {
        const [one, two] = [faces.get(edge.a), faces.get(edge.b)];
        if (one && two && counts(scopes, edge, one, two)) edges.push(edge);
      }
    }
    return edges;
  }

  /** What people say now of these nodes, of two of them or of one and another. */
  async linksOf(nodes: Iterable<Node>): Promise<Link[]> {
    const links: Link[] = [];
    const { faces, persons } = divided(nodes);
    for (const some of chunksOf(faces)) {
      const list = listOf(some);
      const [pairs = [], whose = []] = await this.#session.read([
        sql`SELECT face_a, face_b, verdict FROM match_decision WHERE face_a IN (${list}) AND verdict <> 'undecided'`,
        sql`SELECT person_id, node, kind FROM person_link WHERE node IN (${list})`,
      ]);
      links.push(...pairs.map(toPairLink), ...whose.map(toPersonLink));
    }
    for (const some of chunksOf(persons)) {
      const [rows = []] = await this.#session.read([
        sql`SELECT person_id, node, kind FROM person_link WHERE node IN (${listOf(some.map(personNode))})`,
      ]);
      links.push(...rows.map(toPersonLink));
    }
    return links;
  }

  async neighboursOf(nodes: readonly Node[]): Promise<Node[]> {
    const found = await this.saidSame(nodes);
    for (const { a, b } of await this.edgesOf(nodes)) found.push(a, b);
    return found;
  }

  /** Edges that count, of these faces. */
  async edgesOf(nodes: readonly Node[]): Promise<Edge[]> {
    const edges: Edge[] = [];
    for (const some of chunksOf(divided(nodes).faces)) {
      const list = listOf(some);
      const sets = await this.#session.read(
        ['face_a', 'face_b'].map(
          (side) => sql`SELECT face_a, face_b, confidence FROM face_match WHERE ${raw(side)} IN (${list})`,
        ),
      );
      edges.push(...sets.flat().map(toEdge));
    }
    const known = await this.faces(new Set(edges.flatMap(({ a, b }) => [a, b])));
    const scopes = await this.scopesOf(known);
    return edges.filter((edge) => {
      const [one, two] = [known.get(edge.a), known.get(edge.b)];
      return one !== undefined && two !== undefined && counts(scopes, edge, one, two);
    });
  }

  /** Nodes that people said are one with any of these, directly. */
  async saidSame(nodes: readonly Node[]): Promise<Node[]> {
    const { faces, persons } = divided(nodes);
    const found = await this.personsAround(nodes);
    for (const some of chunksOf(faces)) {
      const list = listOf(some);
      const sets = await this.#session.read(
        ['face_a', 'face_b'].map(
          (side) =>
            sql`SELECT face_a, face_b, verdict FROM match_decision WHERE ${raw(side)} IN (${list}) AND verdict = 'confirmed'`,
        ),
      );
      for (const { a, b } of sets.flat().map(toPairLink)) found.push(a, b);
    }
    for (const some of chunksOf(persons)) {
      const [rows = []] = await this.#session.read([
        sql`SELECT node FROM person_link WHERE person_id IN (${listOf(some)}) AND kind = 'same'`,
      ]);
      found.push(...rows.map(({ node }) => node as string));
    }
    return found;
  }

  async personsAround(nodes: readonly Node[]): Promise<Node[]> {
    const found: Node[] = [];
    for (const some of chunksOf(nodes)) {
      const [rows = []] = await this.#session.read([
        sql`SELECT person_id FROM person_link WHERE node IN (${listOf(some)}) AND kind = 'same'`,
      ]);
      found.push(...rows.map(({ person_id }) => personNode(person_id as string)));
    }
    for (const some of chunksOf(divided(nodes).persons)) {
      const [rows = []] = await this.#session.read([
        sql`SELECT node FROM person_link WHERE person_id IN (${listOf(some)}) AND kind = 'same' AND ${raw(PERSONS_ONLY)}`,
      ]);
      found.push(...rows.map(({ node }) => node as string));
    }
    return found;
  }

  async formerlyWith(faces: readonly string[]): Promise<string[]> {
    const components = new Set<string>();
    for (const some of chunksOf(faces)) {
      const [rows = []] = await this.#session.read([
        sql`SELECT DISTINCT component_id FROM face_group WHERE face_key IN (${listOf(some)})`,
      ]);
      for (const { component_id } of rows) components.add(component_id as string);
    }
    for (const some of chunksOf(components)) {
      const [rows = []] = await this.#session.read([selectPlaces(sql`component_id IN (${listOf(some)})`)]);
      for (const row of rows) this.places.set(row.face_key as string, toPlace(row));
    }
    return [...this.places.keys()];
  }

  /** Whether an image of a face in any of these places is marked: what is stored of it may be older than its edges. */
  async isMarked(dialect: Dialect): Promise<boolean> {
    // As a rule there are none, or a few of what has just arrived.
    const [few = []] = await this.#session.read([
      sql`SELECT image_id FROM people_dirty ORDER BY image_id${dialect.limit(MOST_MARKS)}`,
    ]);
    const marked = new Set(few.map(({ image_id }) => image_id as string));
    const images = new Set([...this.places.values()].map(({ image }) => image));
    if (few.length < MOST_MARKS) return [...marked].some((image) => images.has(image));
    for (const some of chunksOf(images)) {
      const [rows = []] = await this.#session.read([
        sql`SELECT DISTINCT image_id FROM people_dirty WHERE image_id IN (${listOf(some)})`,
      ]);
      if (rows.length > 0) return true;
    }
    return false;
  }
}

const MOST_MARKS = 1000;

const counts = (scopes: Scopes, edge: Edge, one: KnownFace, two: KnownFace): boolean =>
  one.live && two.live && scopes.counts(edge, one.batchId, two.batchId);

function divided(nodes: Iterable<Node>): { faces: string[]; persons: string[] } {
  const faces: string[] = [];
  const persons: string[] = [];
  for (const node of nodes) {
    if (isPerson(node)) persons.push(personOf(node) as string);
    else faces.push(node);
  }
  return { faces, persons };
}

const toEdge = (row: Row): Edge => ({
  a: row.face_a as string,
  b: row.face_b as string,
  confidence: row.confidence as number,
});

const toPairLink = (row: Row): Link => ({
  a: row.face_a as string,
  b: row.face_b as string,
  kind: row.verdict === 'confirmed' ? 'same' : 'different',
});

/** Of two persons the first was merged into the second. */
const toPersonLink = (row: Row): Link => ({
  a: personNode(row.person_id as string),
  b: row.node as string,
  kind: row.kind as Link['kind'],
});
