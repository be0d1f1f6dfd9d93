/**
 * How often the offline engine is right: `npm run bench:accuracy` on pictures made by code, or
 * `npm run bench:accuracy -- <folder>` on pictures of one's own: a `.txt` beside a picture says what stands in it, and a
 * sub-folder without any is a person.
 */

import Table from 'cli-table3';
import { Command } from 'commander';
import type { Interval } from '../../src/domain/interval.ts';
import type { Analyzer } from '../../src/local/vision/analysis.ts';
import { createAnalyzer } from '../../src/local/vision/analyzer.ts';
import { type FaceScore, peopleOf, samplePeople, scoreFaces } from './faces.ts';
import { textCases } from './folder.ts';
import { type ClassScore, scoreClass } from './score.ts';
import { readAll, scoreText } from './text/main.ts';

const command = new Command('npm run bench:accuracy --')
  .description('Error rates of the offline engine, by kind of picture, with 95 % intervals.')
  .argument('[folder]', 'pictures of your own: with a .txt beside each, or people as sub-folders')
  .option('--only <words>', 'only the rendered sets whose name holds one of these words, by commas')
  .option('--json', 'print one JSON document in place of a table');
command.parse(process.argv);
const { only, json = false } = command.opts<{ only?: string; json?: boolean }>();
const [folder] = command.args;

const say = (progress: string) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${progress}`);
};
const wanted = (name: string) =>
  only === undefined || only.split(',').some((word) => name.includes(word.trim()));

const analyzer = createAnalyzer();
try {
  const text =
    folder === undefined ? await scoreText(analyzer, wanted, say) : await scoreFolder(analyzer, folder);
  const people = folder !== undefined ? await peopleOf(folder) : wanted('faces') ? await samplePeople() : [];
  const faces = people.length > 0 ? await scoreFaces(analyzer, people, say) : undefined;
  say('');
  if (text.length === 0 && faces === undefined)
    throw new Error(
      `There is nothing to score in ${folder}: put a .txt of the same name beside each picture of text, or a sub-folder for each person.`,
    );
  if (json) console.log(JSON.stringify({ text, faces }, undefined, 2));
  else {
    if (text.length > 0) console.log(table(text));
    if (faces !== undefined) console.log(faceTable(faces));
  }
} finally {
  await analyzer.close();
}

async function scoreFolder(reader: Analyzer, path: string): Promise<ClassScore[]> {
  const scores: ClassScore[] = [];
  for (const [name, cases] of await textCases(path)) {
    say(name);
    scores.push(scoreClass(name, await readAll(reader, cases)));
  }
  return scores;
}

function table(scores: readonly ClassScore[]): string {
  const percent = (rate: number) => `${(rate * 100).toFixed(1)} %`;
  const rows = new Table({
    head: ['text', 'pictures', 'characters', 'error rate', '95 %', 'invented', 'processor, ms'],
    style: { head: [], border: [] },
  });
  for (const score of scores) {
    // Where nothing stands in the pictures, a rate of its characters has no meaning: characters per picture are told.
    const rate = score.characters === 0 ? (value: number) => `${value.toFixed(2)} each` : percent;
    rows.push([
      score.name,
      score.pictures,
      score.characters,
      rate(score.errorRate),
      `${rate(score.low)} - ${rate(score.high)}`,
      rate(score.inventedRate),
      Math.round(score.cpu),
    ]);
  }
  return rows.toString();
}

function faceTable(score: FaceScore): string {
  const percent = ({ share, low, high }: Interval) => {
    const [one, from, to] = [share, low, high].map((value) => (value * 100).toFixed(value < 0.01 ? 3 : 1));
    return `${one} % (${from} - ${to})`;
  };
  const rows = new Table({
    head: [
      'faces: smallest confidence',
      'pairs of one person missed (95 %)',
      'pairs of two people offered (95 %)',
    ],
    style: { head: [], border: [] },
  });
  for (const { confidence, missed, wrong } of score.at)
    rows.push([confidence, percent(missed), percent(wrong)]);
  return [
    rows.toString(),
    `${score.people} people, ${score.pictures} pictures, ${score.samePairs} pairs of one person, ${score.otherPairs} of two.`,
    ...(score.lost.length > 0 ? [`No face was found in: ${score.lost.join(', ')}.`] : []),
    ...(score.crowded.length > 0
      ? [`More than one face, the largest counts: ${score.crowded.join(', ')}.`]
      : []),
    'A share that was not seen once in n pairs may still be as large as 4 / n: the upper bound says so.',
  ].join('\n');
}
