import type { BatchProgress } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { usePulse } from '../../live/live.ts';
import { href } from '../../live/router.ts';
import { useResource } from '../../live/use-resource.ts';
import { strings } from '../../strings.ts';

/** How far the pipeline is with a batch that was uploaded here. */
export function BatchNote({ batch }: { batch: string }) {
  const { data } = useResource<BatchProgress>(routes.batch(batch), usePulse());
  const total = data === undefined ? 0 : data.images + data.underWay;
  const done = data?.images ?? 0;
  return (
    <section className="batch-note" aria-label={batch}>
      <h2>
        <bdi>{batch}</bdi>
      </h2>
      {total > 0 && (
        <>
          <progress value={done} max={total} aria-label={strings.upload.looking(done, total)} />
          <p role="status">{strings.upload.looking(done, total)}</p>
        </>
      )}
      <a className="button small" href={href(['images'], new URLSearchParams({ batch }))}>
        {strings.upload.look}
      </a>
    </section>
  );
}
