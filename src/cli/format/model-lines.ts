import type { ModelStatus } from '../../admin/switch-model.ts';
import { count } from './count.ts';
import { printable } from './printable.ts';

const WHY: Readonly<Record<string, string>> = {
  ImageGone: 'the file is not there any more, or is another one',
};

/** How the models stand, in lines. */
export function* modelLines(status: ModelStatus): Generator<string> {
  const { active, next, former, phase, paused, images, left, problems, comparison } = status;
  yield `In use        ${active}`;
  if (next !== undefined) {
    const since = `${status.startedAt?.slice(0, 16).replace('T', ' ')} UTC by ${printable(status.startedBy ?? '')}`;
    yield `Next          ${next}, since ${since}${paused ? ', paused' : ''}`;
    const unable = problems.reduce((sum, one) => sum + one.images, 0);
    yield `Enrolled      ${Math.max(0, images - left - unable)} of ${count(images, 'photograph')}, ${left} left`;
  } else if (left > 0) yield `Still to do   ${count(left, 'photograph')} that arrived during the switch`;
  for (const { code, images: many } of problems)
    yield `Not enrolled  ${count(many, 'photograph')}: ${WHY[code] ?? code}. Their faces are found by ${next ?? active} no more.`;
  if (comparison) {
    const { same, different, offered } = comparison;
    yield `Offered       ${count(offered.active, 'pair')} by ${active}, ${offered.next} by ${next}`;
    if (same.decided > 0)
      yield `Same person   of ${count(same.decided, 'pair')} that people called one person, ${active} offers ${same.active}, ${next} ${same.next}`;
    if (different.decided > 0)
      yield `Two people    of ${count(different.decided, 'pair')} that people called two, ${active} offers ${different.active}, ${next} ${different.next}`;
  }
  if (phase === 'retiring')
    yield `Being removed what was enrolled with ${former}; another switch can begin once that is through`;
  if (phase === 'enrolling' && left === 0)
    yield `All photographs are enrolled with both. "imaginem model finish" puts ${next} in use, "imaginem model abandon" stays with ${active}.`;
  if (phase === 'steady') {
    const others = status.offered.filter(({ id }) => id !== active);
    for (const { id, title } of others) yield `There is too  ${id}: ${title}`;
  }
}
