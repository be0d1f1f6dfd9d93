import type { Calibration, CalibrationDraw, CalibrationState } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { send } from '../../live/client.ts';
import { day } from '../../live/format.ts';
import { useMay } from '../../live/me.ts';
import { notify } from '../../live/notices.ts';
import { useAct } from '../../live/use-act.ts';
import { useResource } from '../../live/use-resource.ts';
import { useTitle } from '../../live/use-title.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { Message } from '../../parts/message.tsx';
import { Skeleton } from '../../parts/skeleton.tsx';
import { strings } from '../../strings.ts';
import { Curve } from './curve.tsx';
import { ReviewersPart } from './reviewers-part.tsx';
import { Slices } from './slices.tsx';
import { ThresholdPart } from './threshold-part.tsx';
import './calibration.css';

const text = strings.calibration;

/** How many candidates are right, as a curve and in words. */
function RightPart({ made: { chances }, faces }: { made: Calibration; faces: number }) {
  return (
    <section>
      <h2>{text.right}</h2>
      <figure>
        <figcaption>{text.rightChart}</figcaption>
        <Curve
          points={chances.map(({ from, to, chance }) => ({ x: (from + to) / 2, y: chance }))}
          label={text.rightChart}
          most={1}
          figure={text.axisShare}
        />
      </figure>
      <ul className="in-words">
        {chances.map(({ from, to, chance }) => (
          <li key={from}>
            {chance === null
              ? text.rightUnknown(from, to)
              : text.rightOf(from, to, faces, chance.share, chance.low, chance.high)}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Published({ state: { published } }: { state: CalibrationState }) {
  if (published.length === 0) return <p>{text.publishedNone}</p>;
  return (
    <section>
      <h2>{text.published}</h2>
      <p className="hint">{text.publishedText}</p>
      <div className="table-frame">
        <table className="plain">
          <thead>
            <tr>
              {[text.atConfidence, text.falseMatches, text.wrongInSearch].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {published.map(({ atConfidence, falseMatchRate, falseCandidates }) => (
              <tr key={atConfidence}>
                <th scope="row">{atConfidence.toFixed(2)}</th>
                <td>{(falseMatchRate * 100).toPrecision(2)} %</td>
                <td>{falseCandidates.toPrecision(2)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** What a match is worth in this archive: two curves with their intervals, and what they say in words. To be printed, too. */
export function CalibrationView() {
  useTitle(text.title);
  const found = useResource<CalibrationState>(routes.calibration);
  const mayRun = useMay('operator');
  const { busy, act } = useAct(found.data, found.reload);
  const run = (work: () => Promise<string>) => () => void act(work, { done: (says) => notify(says) });
  const calibrate = run(async () => {
    await send<Calibration>('POST', routes.calibration, {});
    return text.done;
  });
  const draw = run(async () =>
    text.drawn((await send<CalibrationDraw>('POST', routes.calibrationDraws, {}))?.pairs ?? 0),
  );
  const state = found.data;
  const made = state?.calibration ?? null;
  const latest = state?.latest ?? null;
  return (
    <div className="view calibration-view">
      <header>
        <h1>{text.title}</h1>
        <p className="only-printed">{text.reportFor}</p>
        <p>{text.intro}</p>
        {state !== undefined && <p className="hint">{text.now(state.faces, state.model)}</p>}
        {made !== null && (
          <p className="hint">{text.made(made.by, day(made.at), made.pairs, made.persons)}</p>
        )}
        <div className="calibration-acts">
          {mayRun && (
            <>
              <button type="button" className="button small" disabled={busy} onClick={draw}>
                {text.draw}
              </button>
              <button type="button" className="button small" disabled={busy} onClick={calibrate}>
                {text.calibrate}
              </button>
            </>
          )}
          <button type="button" className="button small quiet" onClick={() => window.print()}>
            {text.print}
          </button>
        </div>
      </header>
      {found.error !== undefined && <ErrorMessage error={found.error} onRetry={found.reload} />}
      {state === undefined && found.error === undefined && <Skeleton form="lines" count={5} />}
      {state !== undefined && latest === null && (
        <Message title={text.none}>
          <p>{text.noneText}</p>
        </Message>
      )}
      {made === null && latest !== null && (
        <Message title={text.tooFew}>
          <p>{text.tooFewText(latest.pairs, latest.persons)}</p>
        </Message>
      )}
      {state !== undefined && made !== null && (
        <>
          <RightPart made={made} faces={state.faces} />
          <ThresholdPart made={made} set={state.threshold} />
          <Slices title={text.groups} hint={text.groupsText} slices={made.groups} />
          <Slices title={text.ageGaps} slices={made.ageGaps} />
        </>
      )}
      {state !== undefined && made === null && <Published state={state} />}
      <ReviewersPart />
      {state !== undefined && (
        <section>
          <h2>{text.method}</h2>
          <ul className="in-words">
            {text.methodText.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
