import type { Analyzer } from '../../../src/local/vision/analysis.ts';
import { type ClassScore, type Sample, scoreClass } from '../score.ts';
import { type Case, SETS } from './sets.ts';

/** Reads every rendered set, one picture after the other: processor time is the whole process's. */
export async function scoreText(
  analyzer: Analyzer,
  only: (name: string) => boolean,
  say: (progress: string) => void,
): Promise<ClassScore[]> {
  const scores: ClassScore[] = [];
  for (const [name, make] of Object.entries(SETS)) {
    if (!only(name)) continue;
    say(name);
    scores.push(scoreClass(name, await readAll(analyzer, await make())));
  }
  return scores;
}

export async function readAll(analyzer: Analyzer, cases: readonly Case[]): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const { picture, expected } of cases) {
    const before = process.cpuUsage();
    const { text } = await analyzer.analyze(picture, ['text']);
    const { user, system } = process.cpuUsage(before);
    const found = text.lines.map((line) => line.text).join('\n');
    samples.push({ expected, found, cpu: (user + system) / 1000 });
  }
  return samples;
}
