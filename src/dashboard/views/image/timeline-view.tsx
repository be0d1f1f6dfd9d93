import type { ImageDetail, Timeline } from '../../../api/contract.ts';
import { ago, dateTime, duration } from '../../live/format.ts';
import { href } from '../../live/router.ts';
import { strings } from '../../strings.ts';
import { RerunButton } from './rerun-button.tsx';

const text = strings.image;
type Step = Timeline['steps'][number];

function facts(step: Step): string {
  const parts = [
    step.at !== null ? dateTime(step.at) : '',
    step.ms !== null ? text.took(duration(step.ms)) : '',
    step.attempts > 1 ? strings.common.attempts(step.attempts) : '',
    step.nextAttemptAt !== null ? text.nextAttempt(ago(step.nextAttemptAt)) : '',
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

/** The job's journal, step by step: attempts, errors, and what one can do about a failure. */
export function TimelineView({ image, onChange }: { image: ImageDetail; onChange(): void }) {
  const { timeline, deadLetters } = image;
  // What ended before its time will not come to the other steps.
  const steps = timeline?.steps.filter(({ state }) => timeline.end === null || state !== 'pending') ?? [];
  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline">{text.timeline}</h2>
      {timeline === null && <p className="hint">{text.noTimeline}</p>}
      {timeline !== null && (
        <ol className="timeline">
          <li data-state="done">
            <strong>{text.accepted}</strong>
            <span className="hint">{dateTime(timeline.admittedAt)}</span>
          </li>
          {steps.map((step) => (
            <li key={step.step} data-state={step.state}>
              <strong>{step.title ?? step.step}</strong>
              {step.title !== step.step && <code>{step.step}</code>}
              <span className="step-state">{text.states[step.state]}</span>
              <span className="hint">{facts(step)}</span>
              {step.error !== null && (
                <p className="step-error">
                  {step.error.message} <code>{step.error.code}</code>
                </p>
              )}
              {step.state === 'failed' && (
                <>
                  {!step.again && <p className="hint">{text.sameAgain}</p>}
                  <RerunButton
                    // One that has failed again, faster than anybody looked, can be pressed again.
                    key={step.at}
                    id={image.id}
                    steps={[step.step]}
                    label={step.again ? text.retryStep : text.allTheSame}
                    onDone={onChange}
                  />
                </>
              )}
            </li>
          ))}
          {timeline.end !== null && (
            <li data-state="failed">
              <strong>{strings.status[timeline.end.kind]}</strong>
              <p className="step-error">
                {timeline.end.reason.message} <code>{timeline.end.reason.code}</code>
              </p>
            </li>
          )}
        </ol>
      )}
      {deadLetters.length > 0 && (
        <p>
          <a href={href(['trouble'])}>{strings.pipeline.dead(deadLetters.length)}</a>
        </p>
      )}
    </section>
  );
}
