import type { Failures, Pipeline, Queues } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { usePulse, useStamp } from '../../live/live.ts';
import { useResource } from '../../live/use-resource.ts';
import { useTitle } from '../../live/use-title.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { Skeleton } from '../../parts/skeleton.tsx';
import { strings } from '../../strings.ts';
import { Diagram } from './diagram.tsx';
import { ThroughputChart } from './throughput-chart.tsx';
import './pipeline.css';

const text = strings.pipeline;

export function PipelineView() {
  useTitle(text.title);
  const pulse = usePulse();
  const stamp = useStamp();
  const pipeline = useResource<Pipeline>(routes.pipeline);
  const queues = useResource<Queues>(routes.queues, pulse);
  const failures = useResource<Failures>(routes.failures, stamp);
  const error = pipeline.error ?? queues.error ?? failures.error;
  const reload = () => {
    for (const resource of [pipeline, queues, failures]) resource.reload();
  };
  return (
    <div className="view pipeline-view">
      <header>
        <h1>{text.title}</h1>
        <p>{text.intro}</p>
      </header>
      {error !== undefined && <ErrorMessage error={error} onRetry={reload} />}
      {pipeline.data === undefined && error === undefined && <Skeleton form="lines" count={5} />}
      {pipeline.data !== undefined && (
        <Diagram
          pipeline={pipeline.data}
          queues={queues.data?.queues}
          failures={failures.data?.failures ?? []}
          now={queues.data?.at}
          onChange={queues.reload}
        />
      )}
      <div className="pipeline-below">
        <ThroughputChart />
      </div>
    </div>
  );
}
