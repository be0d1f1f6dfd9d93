import { agreeToBeMeasured as agree, setKnownPairRate as setRate } from '../../admin/measure-reviewers.ts';
import type { App } from '../../app.ts';
import { measuredAsSeenBy } from '../../people/calibration/seen-by.ts';
import type { Handler } from '../call.ts';
import type { MeasuredReviewers } from '../contract.ts';
import type { Person } from '../person.ts';

const seenBy = async (app: App, person: Person): Promise<MeasuredReviewers> =>
  measuredAsSeenBy((await app.calibration()).measuring, person, person.role === 'administrator');

export const measuredReviewers: Handler<'measuredReviewers'> = ({ app, person }) => seenBy(app, person);

export const setKnownPairRate: Handler<'setKnownPairRate'> = async ({ app, person, body: { oneIn } }) => {
  await setRate(person.name, oneIn, await app.calibration());
  return seenBy(app, person);
};

export const agreeToBeMeasured: Handler<'agreeToBeMeasured'> = async ({ app, person, body }) => {
  await agree(person, body.agree, await app.calibration());
  return seenBy(app, person);
};
