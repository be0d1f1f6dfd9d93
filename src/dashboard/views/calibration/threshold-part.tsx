import { useId, useState } from 'react';
import type { Calibration } from '../../../api/contract.ts';
import { strings } from '../../strings.ts';
import { Curve } from './curve.tsx';

const text = strings.calibration;

/** A threshold is moved along the curves, to see what it costs. It is set elsewhere, by people. */
export function ThresholdPart({ made: { rates }, set }: { made: Calibration; set: number }) {
  const id = useId();
  const nearest = rates.findIndex(({ threshold }) => threshold >= set - 1e-9);
  const [chosen, setChosen] = useState(nearest < 0 ? rates.length - 1 : nearest);
  const rate = rates[Math.min(chosen, rates.length - 1)];
  if (rate === undefined) return null;
  const { threshold, falseNonMatchRate: missed, falseCandidates: offers } = rate;
  return (
    <section aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{text.threshold}</h2>
      <p className="hint">{text.thresholdText}</p>
      <div className="curves">
        <figure>
          <figcaption>{text.missedChart}</figcaption>
          <Curve
            points={rates.map((one) => ({ x: one.threshold, y: one.falseNonMatchRate }))}
            label={text.missedChart}
            at={threshold}
            set={set}
            most={1}
            figure={text.axisShare}
          />
        </figure>
        <figure>
          <figcaption>{text.offersChart}</figcaption>
          <Curve
            points={rates.map((one) => ({ x: one.threshold, y: one.falseCandidates }))}
            label={text.offersChart}
            at={threshold}
            set={set}
            figure={text.axisFigure}
          />
        </figure>
      </div>
      <p className="hint">{text.band}</p>
      <div className="field threshold-field">
        <label htmlFor={id}>{text.thresholdLabel}</label>
        <input
          id={id}
          type="range"
          min={0}
          max={rates.length - 1}
          step={1}
          value={chosen}
          aria-valuetext={threshold.toFixed(2)}
          onChange={({ target }) => setChosen(Number(target.value))}
        />
      </div>
      <p role="status" className="threshold-says">
        <strong>{text.at(threshold)}</strong>{' '}
        {missed ? text.missed(missed.share, missed.low, missed.high) : text.missedUnknown}{' '}
        {offers ? text.offers(offers.share, offers.low, offers.high) : text.offersUnknown}{' '}
        <span className="hint">{text.isSet(set)}</span>
      </p>
    </section>
  );
}
