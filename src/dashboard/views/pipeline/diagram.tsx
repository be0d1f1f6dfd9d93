import type { Failures, Pipeline, Queues } from '../../../api/contract.ts';
import { duration } from '../../live/format.ts';
import { strings } from '../../strings.ts';

const text = strings.pipeline;
type Queue = Queues['queues'][number];

interface StationProps {
  name: string;
  summary: string;
  needs: readonly string[];
  queue: Queue | undefined;
  failed: number;
  skipped: number;
  now: string | undefined;
}

/** Younger messages are simply on their way. */
const OLD_MS = 5000;

function Station({ name, summary, needs, queue, failed, skipped, now }: StationProps) {
  const messages = queue?.messages ?? 0;
  const oldest = queue?.oldestReady ?? null;
  const waits = oldest !== null && now !== undefined ? Date.parse(now) - Date.parse(oldest) : 0;
  return (
    <li className="station" data-busy={messages > 0 || undefined}>
      <h3>{name}</h3>
      <p className="station-summary">{summary}</p>
      {needs.length > 0 && <p className="hint">{text.needs(needs.join(', '))}</p>}
      <p className="station-count">
        <span className="station-dot" aria-hidden="true" />
        {messages > 0 ? text.waiting(messages) : text.idle}
      </p>
      {waits > OLD_MS && <p className="hint">{text.oldest(duration(waits))}</p>}
      {failed > 0 && <p className="station-bad">{text.failedImages(failed)}</p>}
      {skipped > 0 && <p className="station-warn">{text.skippedImages(skipped)}</p>}
      {queue !== undefined && queue.poison > 0 && <p className="station-bad">{text.dead(queue.poison)}</p>}
    </li>
  );
}

interface DiagramProps {
  pipeline: Pipeline;
  queues: readonly Queue[];
  failures: Failures['failures'];
  now: string | undefined;
}

/** The steps in their order; what is not in the pipeline of new images stands apart. */
export function Diagram({ pipeline, queues, failures, now }: DiagramProps) {
  const events = queues.find((queue) => queue.step === null);
  const sum = (step: string, state: 'failed' | 'skipped') =>
    failures.reduce((all, one) => all + (one.step === step && one.state === state ? one.images : 0), 0);
  const station = (name: string) => {
    const step = pipeline.steps.find((one) => one.name === name);
    return (
      <Station
        key={name}
        name={name}
        summary={step?.summary ?? ''}
        needs={step?.needs ?? []}
        queue={queues.find((queue) => queue.step === name)}
        failed={sum(name, 'failed')}
        skipped={sum(name, 'skipped')}
        now={now}
      />
    );
  };
  const unused = pipeline.steps.filter((step) => step.position === null);
  return (
    <section aria-label={text.steps}>
      <ol className="stations">
        <Station
          name={text.events}
          summary={text.eventsSummary}
          needs={[]}
          queue={events}
          failed={0}
          skipped={0}
          now={now}
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
