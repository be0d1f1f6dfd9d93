import type { Why } from '../../admin/why.ts';
import { count } from './count.ts';
import { imageName } from './image-name.ts';
import { printable, shorten } from './printable.ts';
import { table } from './table.ts';

/** One screen about one image: where it is, the last error, its history, and what to do. */
export function whyLines(why: Why, width?: number): string[] {
  const { job, error, queue, history, notAsked, deadLetters, similar, advice } = why;
  const lines: string[] = [];
  const say = (title: string, text: string) => lines.push(`${title.padEnd(13)}${text}`);
  say('Image', job ? imageName(job.image) : printable(why.asked));
  if (job)
    say('Job', `${job.id}  (batch ${printable(job.batch)}, run ${job.run}, admitted ${job.admittedAt})`);
  say('State', stateOf(why));
  if (queue) say('Queue', queueOf(queue));
  if (error) {
    const where = error.step === undefined ? '' : ` at ${error.step}${error.at ? `, ${error.at}` : ''}`;
    say('Last error', `${error.code}${where}: ${shorten(error.message, 300)}`);
  }
  if (history.length > 0) {
    const rows = history.map((one) => [
      one.step,
      one.state,
      String(one.run),
      String(one.attempts),
      one.at.slice(0, 19).replace('T', ' '),
      one.ms === undefined ? '' : `${one.ms} ms`,
      one.error ? `${one.error.code}: ${shorten(one.error.message, 80)}` : '',
    ]);
    lines.push(table(['Step', 'State', 'Run', 'Attempts', 'At (UTC)', 'Took', 'Why'], rows, width));
  }
  if (notAsked.length > 0)
    say('Not asked', `${notAsked.join(', ')}: not in its pipeline, so what they find was not looked for`);
  for (const letter of deadLetters) {
    say(
      'Dead letter',
      `${letter.id.slice(0, 8)}  ${letter.queue}, ${letter.error.code}, ${letter.times} times`,
    );
  }
  if (similar.length > 0) say('Similar', similar.map(printable).join(', '));
  for (const [at, sentence] of advice.entries()) say(at === 0 ? 'What to do' : '', printable(sentence));
  return lines;
}

function stateOf({ state, step, attempt, nextAt, job, paused }: Why): string {
  const next = `at step ${step}, attempt ${attempt}`;
  const words: Record<Why['state'], string> = {
    finished: job?.end ? `finished: ${job.end.kind}` : 'finished: its row is written',
    retrying: `${next} waits until ${nextAt}`,
    queued: paused ? `${next} waits: the step is paused` : `${next} is next or under way`,
    lost: `${next} is next, but no queue holds its message`,
    waiting: 'in the container, not yet admitted',
    unknown: 'not known here',
  };
  return words[state];
}

function queueOf({
  name,
  messages,
  oldestVisibleSeconds,
  poison,
  hasMessage,
}: NonNullable<Why['queue']>): string {
  const parts = [
    `${name}: ${count(messages, 'message')}`,
    ...(hasMessage ? ['this image among the next'] : []),
    oldestVisibleSeconds === undefined
      ? 'all delayed or being worked on'
      : `the oldest visible for ${Math.round(oldestVisibleSeconds)} s`,
    ...(poison > 0 ? [`${poison} in ${name}-poison`] : []),
  ];
  return messages === 0 ? parts.filter((_, at) => at !== 1 || hasMessage).join(', ') : parts.join(', ');
}
