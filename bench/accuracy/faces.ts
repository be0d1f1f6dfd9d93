import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Interval, wilson } from '../../src/domain/interval.ts';
import type { AnalyzedFace, Analyzer } from '../../src/local/vision/analysis.ts';
import { faceConfidence } from '../../src/local/vision/models/similarity.ts';

/** Photographs of one person, one face each. */
interface Person {
  name: string;
  pictures: { name: string; bytes: Buffer }[];
}

/** What one smallest confidence costs. */
interface AtConfidence {
  confidence: number;
  /** Pairs of photographs of one person that are below it: missed. */
  missed: Interval;
  /** Pairs of two people that reach it: offered wrongly. */
  wrong: Interval;
}

export interface FaceScore {
  people: number;
  pictures: number;
  /** Photographs in which no face was found. */
  lost: string[];
  /** Photographs in which more than one was: the largest counts. */
  crowded: string[];
  samePairs: number;
  otherPairs: number;
  at: AtConfidence[];
}

const PICTURES = new Set(['.jpg', '.jpeg', '.png', '.gif', '.bmp']);
const CONFIDENCES = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8];

/** The sub-folders that hold pictures and no texts: each is a person, named as the folder. */
export async function peopleOf(folder: string): Promise<Person[]> {
  const people: Person[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const names = (await readdir(join(folder, entry.name))).sort();
    if (names.some((name) => name.endsWith('.txt'))) continue;
    const pictures = names.filter((name) => PICTURES.has(extname(name).toLowerCase()));
    if (pictures.length > 0) people.push(await person(join(folder, entry.name), entry.name, pictures));
  }
  return people.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The people of the samples, who do not exist. */
export async function samplePeople(): Promise<Person[]> {
  const folder = fileURLToPath(new URL('../../samples/', import.meta.url));
  const files = (await readdir(folder)).filter((name) => /^person-\w-\d\.jpg$/.test(name)).sort();
  const people = Map.groupBy(files, (name) => name.slice(0, 'person-a'.length));
  return Promise.all([...people].map(([name, pictures]) => person(folder, name, pictures)));
}

async function person(folder: string, name: string, files: readonly string[]): Promise<Person> {
  const pictures = files.map(async (file) => ({ name: file, bytes: await readFile(join(folder, file)) }));
  return { name, pictures: await Promise.all(pictures) };
}

export async function scoreFaces(
  analyzer: Analyzer,
  people: readonly Person[],
  say: (progress: string) => void,
): Promise<FaceScore> {
  const found: { person: string; face: AnalyzedFace }[] = [];
  const [lost, crowded]: [string[], string[]] = [[], []];
  for (const { name: personName, pictures } of people) {
    for (const { name, bytes } of pictures) {
      say(`${personName}: ${name}`);
      const { faces } = await analyzer.analyze(bytes, ['faces']);
      const [face] = faces.toSorted((a, b) => b.box.width * b.box.height - a.box.width * a.box.height);
      if (face === undefined) lost.push(`${personName}/${name}`);
      else found.push({ person: personName, face });
      if (faces.length > 1) crowded.push(`${personName}/${name}`);
    }
  }
  const pairs = found.flatMap((one, i) =>
    found.slice(i + 1).map((other) => ({
      same: one.person === other.person,
      confidence: faceConfidence(one.face.faceprint, other.face.faceprint),
    })),
  );
  const [same, others] = [pairs.filter((pair) => pair.same), pairs.filter((pair) => !pair.same)];
  return {
    people: people.length,
    pictures: found.length + lost.length,
    lost,
    crowded,
    samePairs: same.length,
    otherPairs: others.length,
    at: CONFIDENCES.map((confidence) => ({
      confidence,
      missed: wilson(same.filter((pair) => pair.confidence < confidence).length, same.length),
      wrong: wilson(others.filter((pair) => pair.confidence >= confidence).length, others.length),
    })),
  };
}
