/**
 * How often the offline engine is right: `npm run bench:accuracy` on pictures made by code, or
 * `npm run bench:accuracy -- <folder>` on pictures of one's own (a `.txt` beside each says what stands in it).
 * Faces are scored by a part of their own, beside text: see PARTS.
 */

import Table from 'cli-table3';
import { Command } from 'commander';
import type { Analyzer } from '../../src/local/vision/analysis.ts';
import { createAnalyzer } from '../../src/local/vision/analyzer.ts';
import { textCases } from './folder.ts';
import { type ClassScore, scoreClass } from './score.ts';
import { readAll, scoreText } from './text/main.ts';

const command = new Command('npm run bench:accuracy --')
  .description('Error rates of the offline engine, by kind of picture, with 95 % intervals.')
  .argument('[folder]', 'pictures of your own, each with a .txt beside it; a sub-folder is a kind')
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
  const scores =
    folder === undefined ? await scoreText(analyzer, wanted, say) : await scoreFolder(analyzer, folder);
  say('');
  console.log(json ? JSON.stringify({ text: scores }, undefined, 2) : table(scores));
} finally {
  await analyzer.close();
}

async function scoreFolder(reader: Analyzer, path: string): Promise<ClassScore[]> {
  const scores: ClassScore[] = [];
  for (const [name, cases] of await textCases(path)) {
    say(name);
    scores.push(scoreClass(name, await readAll(reader, cases)));
  }
  if (scores.length === 0) throw new Error(`No picture in ${path} has a .txt of the same name beside it.`);
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
