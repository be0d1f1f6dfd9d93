import type { Failures, Pipeline, Queues } from '../../../api/contract.ts';
import { duration } from '../../live/format.ts';
import { href } from '../../live/router.ts';
import { strings } from '../../strings.ts';
import { PauseButton } from './pause-button.tsx';

const text = strings.pipeline;
type Queue = Queues['queues'][number];

interface StationProps {
  /** Absent for the queue of events. */
  step?: string;
  title: string;
  summary: string;
  needs: readonly string[];
  isKnown: boolean;
  queue: Queue | undefined;
  failed: number;
  skipped: number;
  now: string | undefined;
  onChange(): void;
}

/** Younger messages are simply on their way. */
const OLD_MS = 5000;

/** Waiting and running, as far as a queue shows it. */
function Load({ queue }: { queue: Queue | undefined }) {
  const { messages = 0, ready = 0, taken = 0 } = queue ?? {};
  const parts =
    taken === null
      ? [text.manyWaiting(ready), text.underWay(messages)]
      : [ready > 0 && text.waiting(ready), taken > 0 && text.taken(taken)].filter((part) => part !== false);
  return (
    <p className="station-count" title={messages > 0 ? text.takenHint : undefined}>
      <span className="station-dot" aria-hidden="true" />
      {messages > 0 ? parts.join(' · ') : text.idle}
    </p>
  );
}

function Station(props: StationProps) {
  const { step, title, summary, needs, isKnown, queue, failed, skipped, now, onChange } = props;
  const messages = queue?.messages ?? 0;
  const why = href(['trouble']);
  const oldest = queue?.oldestReady ?? null;
  const waits = oldest !== null && now !== undefined ? Date.parse(now) - Date.parse(oldest) : 0;
  return (
    <li className="station" data-busy={messages > 0 || undefined}>
      <h3>
        {title} {step !== undefined && title !== step && <code>{step}</code>}
      </h3>
      <p className="station-summary">{summary}</p>
      {needs.length > 0 && <p className="hint">{text.needs(needs.join(', '))}</p>}
      {isKnown && <Load queue={queue} />}
      {waits > OLD_MS && <p className="hint">{text.oldest(duration(waits))}</p>}
      {queue?.paused != null && (
        <p className="station-warn">{text.paused(queue.paused.by, queue.paused.reason)}</p>
      )}
      {failed > 0 && (
        <a className="station-bad" href={why}>
          {text.failedImages(failed)}
        </a>
      )}
      {skipped > 0 && (
        <a className="station-warn" href={why}>
          {text.skippedImages(skipped)}
        </a>
      )}
      {queue !== undefined && queue.poison > 0 && <p className="station-bad">{text.dead(queue.poison)}</p>}
      {step !== undefined && <PauseButton step={step} title={title} queue={queue} onChange={onChange} />}
    </li>
  );
}

interface DiagramProps {
  pipeline: Pipeline;
  /** Undefined while nobody knows: no step is called idle then. */
  queues: readonly Queue[] | undefined;
  failures: Failures['failures'];
  now: string | undefined;
  onChange(): void;
}

/** The steps in their order; what is not in the pipeline of new images stands apart. */
export function Diagram({ pipeline, queues, failures, now, onChange }: DiagramProps) {
  const isKnown = queues !== undefined;
  const events = queues?.find((queue) => queue.step === null);
  const sum = (step: string, state: 'failed' | 'skipped') =>
    failures.reduce((all, one) => all + (one.step === step && one.state === state ? one.images : 0), 0);
  const station = (name: string) => {
    const step = pipeline.steps.find((one) => one.name === name);
    return (
      <Station
        key={name}
        step={name}
        title={step?.title ?? name}
        summary={step?.summary ?? ''}
        needs={(step?.needs ?? []).map(
          (need) => pipeline.steps.find((one) => one.name === need)?.title ?? need,
        )}
        isKnown={isKnown}
        queue={queues?.find((queue) => queue.step === name)}
        failed={sum(name, 'failed')}
        skipped={sum(name, 'skipped')}
        now={now}
        onChange={onChange}
      />
    );
  };
  const unused = pipeline.steps.filter((step) => step.position === null);
  return (
    <section aria-label={text.steps}>
      <ol className="stations">
        <Station
          title={text.events}
          summary={text.eventsSummary}
          needs={[]}
          isKnown={isKnown}
          queue={events}
          failed={0}
          skipped={0}
          now={now}
          onChange={onChange}
        />
        {pipeline.definition.map(station)}
      </ol>
      {!pipeline.limitedAccess && <p className="hint">{text.notApproved}</p>}
      {unused.length > 0 && (
        <>
          <h2>{text.notUsed}</h2>
          <ul className="stations unused">{unused.map((step) => station(step.name))}</ul>
        </>
      )}
    </section>
  );
}
