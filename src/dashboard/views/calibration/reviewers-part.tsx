import { type SubmitEvent, useId } from 'react';
import type { MeasuredReviewers, ReviewerFigures } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { send } from '../../live/client.ts';
import { useMay } from '../../live/me.ts';
import { notify } from '../../live/notices.ts';
import { useAct } from '../../live/use-act.ts';
import { useResource } from '../../live/use-resource.ts';
import { strings } from '../../strings.ts';
import { inWords } from './slices.tsx';

const text = strings.calibration;

/** @param none what is said where no answers are told of */
function Figures({ title, figures, none }: { title: string; figures: ReviewerFigures; none: string }) {
  const { answers, falseSame, falseDifferent } = figures;
  return (
    <div className="table-frame">
      <table className="plain">
        <caption>{title}</caption>
        <tbody>
          {[
            [text.answers, answers === 0 ? none : String(answers)],
            [text.falseSame, inWords(falseSame)],
            [text.falseDifferent, inWords(falseDifferent)],
          ].map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Reviewers who agree are measured: one's own figures, and for an administrator those of all together. */
export function ReviewersPart() {
  const id = useId();
  const found = useResource<MeasuredReviewers>(routes.reviewers);
  const mayReview = useMay('caseworker');
  const { busy, act } = useAct(found.data, found.reload);
  const state = found.data;
  if (state === undefined) return null;
  const put = (path: string, body: object, done: string) =>
    void act(() => send<MeasuredReviewers>('PUT', path, body), { done: () => notify(done) });
  const { oneIn, own, group } = state;
  const agrees = own !== null;
  const setRate = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const wanted = Number(new FormData(event.currentTarget).get('rate'));
    put(routes.reviewers, { oneIn: wanted }, text.rateSet);
  };
  return (
    <section className="reviewers-part" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{text.reviewers}</h2>
      <p>{text.reviewersText}</p>
      <p className="hint">{oneIn === 0 ? text.measuredOff : text.measuredOn(oneIn)}</p>
      {mayReview && (
        <p className="calibration-acts">
          <button
            type="button"
            className="button small"
            disabled={busy}
            onClick={() => put(routes.reviewersMe, { agree: !agrees }, agrees ? text.withdrew : text.agreed)}
          >
            {agrees ? text.withdraw : text.agree}
          </button>
          {agrees && <span className="hint">{text.withdrawHint}</span>}
        </p>
      )}
      {own !== null && <Figures title={text.ownFigures} figures={own} none="0" />}
      {group !== null && (
        <>
          <Figures title={text.groupFigures(group.reviewers)} figures={group} none={text.fewAnswered} />
          <p className="hint">{text.known(group.known.same, group.known.different)}</p>
          <form className="calibration-acts" onSubmit={setRate}>
            <label htmlFor={`${id}-rate`}>{text.rate}</label>
            <input
              id={`${id}-rate`}
              name="rate"
              type="number"
              min={0}
              max={100}
              defaultValue={oneIn}
              required
            />
            <button type="submit" className="button small" disabled={busy}>
              {text.saveRate}
            </button>
          </form>
        </>
      )}
    </section>
  );
}
