import { useEffect, useRef, useState } from 'react';
import type { Failures } from '../../../api/contract.ts';
import { strings } from '../../strings.ts';
import { FailedImages } from './failed-images.tsx';

const text = strings.pipeline;
type Failure = Failures['failures'][number];
const keyOf = (failure: Failure) => `${failure.step} ${failure.state} ${failure.code}`;

interface FailureListProps {
  failures: readonly Failure[] | undefined;
  /** The step whose failures are asked for: the most frequent is opened and shown, or why it was skipped. */
  step: string | null;
}

/** What failed, by step and reason; opening one shows why, and what can be done. */
export function FailureList({ failures, step }: FailureListProps) {
  const [open, setOpen] = useState<string>();
  const asked = useRef<HTMLButtonElement>(null);
  const shown = useRef<string>(null);
  const ofStep = failures?.filter((one) => one.step === step) ?? [];
  const wanted = ofStep.find((one) => one.state === 'failed') ?? ofStep[0];

  // Once for each time it is asked for: after that, people open and close as they like.
  useEffect(() => {
    if (step === null) shown.current = null;
    if (wanted === undefined || shown.current === step) return;
    shown.current = step;
    setOpen(keyOf(wanted));
    asked.current?.focus({ preventScroll: true });
    asked.current?.scrollIntoView({ block: 'center' });
  }, [step, wanted]);

  const list = (state: Failure['state']) => (
    <ul className="failures">
      {failures
        ?.filter((failure) => failure.state === state)
        .map((failure) => {
          const key = keyOf(failure);
          return (
            <li key={key} data-state={failure.state}>
              <button
                ref={failure === wanted ? asked : undefined}
                type="button"
                className="failure"
                aria-expanded={open === key}
                onClick={() => setOpen(open === key ? undefined : key)}
              >
                <strong>{failure.step}</strong>
                <code>{failure.code ?? text.noCode}</code>
                <span className="number">{strings.common.images(failure.images)}</span>
                <span className="link-like">{open === key ? text.hideFailure : text.showFailure}</span>
              </button>
              {open === key && <FailedImages failure={failure} />}
            </li>
          );
        })}
    </ul>
  );
  const skipped = failures?.filter((failure) => failure.state === 'skipped').length ?? 0;
  return (
    <section aria-labelledby="failures">
      <h2 id="failures">{text.failures}</h2>
      {failures?.every((failure) => failure.state === 'skipped') && <p className="hint">{text.noFailures}</p>}
      {list('failed')}
      {skipped > 0 && (
        <details className="skipped" open={wanted?.state === 'skipped' || undefined}>
          <summary>{text.skippedSteps}</summary>
          {list('skipped')}
        </details>
      )}
    </section>
  );
}
