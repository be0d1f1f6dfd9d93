import { useState } from 'react';
import type { Failures } from '../../../api/contract.ts';
import { strings } from '../../strings.ts';
import { FailedImages } from './failed-images.tsx';

const text = strings.pipeline;
type Failure = Failures['failures'][number];
const keyOf = (failure: Failure) => `${failure.step} ${failure.state} ${failure.code}`;

/** What failed, by step and reason; opening one shows why, and what can be done. */
export function FailureList({ failures }: { failures: readonly Failure[] | undefined }) {
  const [open, setOpen] = useState<string>();
  return (
    <section aria-labelledby="failures">
      <h2 id="failures">{text.failures}</h2>
      {failures?.length === 0 && <p className="hint">{text.noFailures}</p>}
      <ul className="failures">
        {failures?.map((failure) => {
          const key = keyOf(failure);
          return (
            <li key={key} data-state={failure.state}>
              <button
                type="button"
                className="failure"
                aria-expanded={open === key}
                onClick={() => setOpen(open === key ? undefined : key)}
              >
                <strong>{failure.step}</strong>
                <span>
                  {failure.state === 'failed' ? text.failed : text.skipped} ·{' '}
                  <code>{failure.code ?? text.noCode}</code>
                </span>
                <span className="number">{strings.common.images(failure.images)}</span>
                <span className="link-like">{open === key ? text.hideFailure : text.showFailure}</span>
              </button>
              {open === key && <FailedImages failure={failure} />}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
