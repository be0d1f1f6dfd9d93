import { InvalidArgumentError } from 'commander';
import {
  agreeToBeMeasured,
  LEAST_OFTEN,
  MOST_OFTEN,
  setKnownPairRate,
} from '../../admin/measure-reviewers.ts';
import { endsOf100, type Interval } from '../../domain/interval.ts';
import type { ReviewerFigures } from '../../people/calibration/reviewers.ts';
import { measuredAsSeenBy } from '../../people/calibration/seen-by.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { count } from '../format/count.ts';
import { whoIsThis } from '../who.ts';

interface Json {
  json?: boolean;
}

/** Reviewers measured with pairs whose answer is known: under `calibrate`. */
export const addReviewers: AddCommand = (calibrate, context) => {
  const reviewers = calibrate
    .command('reviewers')
    .description('reviewers who agree, measured with pairs whose answer is known; off unless a rate is set')
    .addHelpText(
      'after',
      examples('imaginem calibrate reviewers show', 'imaginem calibrate reviewers rate 20'),
    );

  reviewers
    .command('show')
    .description('your own figures, and those of all reviewers together')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples('imaginem calibrate reviewers show'))
    .action((options: Json) => show(options, context));

  reviewers
    .command('rate')
    .argument(
      '<one-in>',
      `of so many pairs one has a known answer, ${MOST_OFTEN} to ${LEAST_OFTEN}; or off`,
      rate,
    )
    .description('how often those who agree meet a pair whose answer is known')
    .option('--json', 'what holds from now on as one JSON object')
    .addHelpText(
      'after',
      examples('imaginem calibrate reviewers rate 20', 'imaginem calibrate reviewers rate off'),
    )
    .action(async (oneIn: number, options: Json) => {
      const parts = await partsOf(context);
      await setKnownPairRate(whoIsThis(), oneIn, parts);
      await show(options, context);
    });

  for (const agrees of [true, false]) {
    const name = agrees ? 'agree' : 'withdraw';
    reviewers
      .command(name)
      .description(
        agrees
          ? 'agree to be measured, for yourself alone'
          : 'take that back, which removes what was measured of you',
      )
      .option('--json', 'what holds from now on as one JSON object')
      .addHelpText('after', examples(`imaginem calibrate reviewers ${name}`))
      .action(async (options: Json) => {
        await agreeToBeMeasured(whoIsThis(), agrees, await partsOf(context));
        await show(options, context);
      });
  }
};

const partsOf = async ({ connect }: CommandContext) => (await (await connect()).app()).calibration();

function rate(value: string): number {
  if (value === 'off') return 0;
  const oneIn = Number(value);
  if (Number.isInteger(oneIn) && oneIn >= MOST_OFTEN && oneIn <= LEAST_OFTEN) return oneIn;
  throw new InvalidArgumentError(`Give a whole number from ${MOST_OFTEN} to ${LEAST_OFTEN}, or "off".`);
}

async function show({ json }: Json, context: CommandContext): Promise<void> {
  const { screen } = context;
  const { measuring } = await partsOf(context);
  // Who has the database has an administrator's rights.
  const seen = await measuredAsSeenBy(measuring, whoIsThis(), true);
  if (json) return screen.line(JSON.stringify(seen, undefined, 2));
  screen.line(
    seen.oneIn === 0
      ? 'Nobody is measured: no rate is set.'
      : `Of ${seen.oneIn} pairs that are reviewed one has a known answer, for those who agree.`,
  );
  screen.line(
    seen.own === null
      ? `You (${whoIsThis()}) have not agreed to be measured.`
      : `You (${whoIsThis()}), agreed on ${seen.agreedAt?.slice(0, 10)}: ${inWords(seen.own)}`,
  );
  if (seen.group === null) return;
  const { reviewers, known } = seen.group;
  screen.line(
    `${count(reviewers, 'reviewer')} agreed. Known: ${count(known.same, 'pair')} of one person, ${count(known.different, 'pair')} of two.`,
  );
  screen.line(
    seen.group.answers === 0
      ? 'All together: fewer than three reviewers have answered, and nothing is told of so few.'
      : `All together: ${inWords(seen.group)}`,
  );
}

const inWords = ({ answers, falseSame, falseDifferent }: ReviewerFigures): string =>
  `${count(answers, 'answer')}; of pairs of two people ${share(falseSame)} called the same, of pairs of one person ${share(falseDifferent)} called different.`;

function share(one: Interval | null): string {
  if (one === null) return '(too few)';
  const { low, high } = endsOf100(one);
  return `${percent(one.share)} (${low} to ${high} %)`;
}
const percent = (value: number): string => `${(value * 100).toFixed(value < 0.1 ? 1 : 0)} %`;
