import { makeCalibration } from '../../admin/calibrate.ts';
import { drawPairs } from '../../admin/draw-pairs.ts';
import { figuresFor, matchWorth } from '../../domain/match-worth.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { calibrationLines } from '../format/calibration-lines.ts';
import { count } from '../format/count.ts';
import { table } from '../format/table.ts';
import { whole } from '../option-values.ts';
import { whoIsThis } from '../who.ts';
import { addReviewers } from './calibrate-reviewers.ts';

interface Json {
  json?: boolean;
}

const MOST_LISTED = 100;

export const addCalibrate: AddCommand = (program, context) => {
  const calibrate = program
    .command('calibrate')
    .description('what a match is worth in this archive')
    .addHelpText(
      'after',
      `${examples('imaginem calibrate draw', 'imaginem calibrate run', 'imaginem calibrate show')}\n\nA calibration changes no threshold: that is for people to do, who know what it costs.`,
    );

  calibrate
    .command('draw')
    .description('draw pairs of faces for reviewers, below the threshold too')
    .option('--faces <n>', 'faces to search for neighbours, at random', whole, 30)
    .option('--per-stratum <n>', 'most pairs from each stratum of confidence', whole, 30)
    .option('--seed <n>', 'draw the same again', whole)
    .option('--json', 'the draw as one JSON object')
    .addHelpText('after', examples('imaginem calibrate draw --faces 50'))
    .action((options: Json & { faces: number; perStratum: number; seed?: number }) => draw(options, context));

  calibrate
    .command('run')
    .description('find out what a match is worth from what people have decided')
    .option('--seed <n>', 'of the resampling: the same seed gives the same intervals', whole)
    .option('--json', 'the calibration as one JSON object')
    .addHelpText('after', examples('imaginem calibrate run', 'imaginem calibrate run --seed 1 --json'))
    .action((options: Json & { seed?: number }) => run(options, context));

  calibrate
    .command('show')
    .description('the latest calibration, or the published figures where there is none')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples('imaginem calibrate show'))
    .action((options: Json) => show(options, context));

  calibrate
    .command('list')
    .description('calibrations, newest first')
    .option('--json', 'a JSON array')
    .addHelpText('after', examples('imaginem calibrate list'))
    .action((options: Json) => list(options, context));

  addReviewers(calibrate, context);
};

async function draw(
  { json, faces, perStratum, seed }: Json & { faces: number; perStratum: number; seed?: number },
  { connect, screen, signal }: CommandContext,
): Promise<void> {
  const parts = await (await (await connect()).app()).calibration();
  const report = await drawPairs({ faces, perStratum, seed }, whoIsThis(), parts, signal);
  if (json) return screen.line(JSON.stringify(report, undefined, 2));
  screen.line(
    `Searched ${report.searched} of ${count(report.faces, 'face')} and drew ${count(report.pairs, 'new pair')} for reviewers (seed ${report.seed}).`,
  );
  screen.line('They are mixed into what is reviewed. When they are decided: imaginem calibrate run');
}

async function run(
  { json, seed }: Json & { seed?: number },
  { connect, screen }: CommandContext,
): Promise<void> {
  const app = await (await connect()).app();
  const made = await makeCalibration(whoIsThis(), await app.calibration(), seed);
  if (json) return screen.line(JSON.stringify(made, undefined, 2));
  const faces = await (await app.results()).counts.faces();
  for (const line of calibrationLines(made, faces)) screen.line(line);
}

async function show({ json }: Json, { connect, screen }: CommandContext): Promise<void> {
  const app = await (await connect()).app();
  const { ledger, model, threshold } = await app.calibration();
  const [known, latest] = [await ledger.latest(model, true), await ledger.latest(model)];
  const faces = await (await app.results()).counts.faces();
  const published = matchWorth(threshold, faces, figuresFor(app.settings.FACE_ENDPOINT, model));
  if (json) {
    const shown = { model, threshold, faces, calibration: known ?? null, latest: latest ?? null, published };
    return screen.line(JSON.stringify(shown, undefined, 2));
  }
  const made = known ?? latest;
  if (made) for (const line of calibrationLines(made, faces)) screen.line(line);
  else screen.line('Nothing was calibrated yet.');
  if (known) return;
  const { falseCandidates } = published;
  screen.line(
    falseCandidates === null
      ? 'Nobody has published figures of the service that answers here.'
      : `Until there are enough decisions, the engine's published figures count, which were not measured here: of one search among ${faces} faces expect ${falseCandidates.toPrecision(2)} wrong candidates as sure as ${threshold}.`,
  );
}

async function list({ json }: Json, { connect, screen }: CommandContext): Promise<void> {
  const { ledger } = await (await (await connect()).app()).calibration();
  const kept = await ledger.list({ limit: MOST_LISTED });
  if (json) return screen.line(JSON.stringify(kept, undefined, 2));
  if (kept.length === 0) return screen.line('Nothing was calibrated yet. "imaginem calibrate run" does it.');
  const rows = kept.map(({ at, by, model, result }) => [
    at.slice(0, 16).replace('T', ' '),
    by,
    model,
    String(result.pairs),
    String(result.persons),
    result.enough ? 'yes' : 'too few',
  ]);
  screen.line(table(['MADE (UTC)', 'BY', 'MODEL', 'PAIRS', 'PERSONS', 'ENOUGH'], rows));
}
