import type { DeadLetterSummary, TroubleGroup } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { query } from '../../live/client.ts';
import { usePulse } from '../../live/live.ts';
import { usePages } from '../../live/use-pages.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { MoreButton } from '../../parts/more-button.tsx';
import { Skeleton } from '../../parts/skeleton.tsx';
import { DeadLetterLine } from './dead-letter-line.tsx';

/** Messages of a group, each to be looked at by itself. */
export function GroupLetters({ group, onChange }: { group: TroubleGroup; onChange(): void }) {
  const { items, more, error, loadMore, reload } = usePages<DeadLetterSummary>(
    (after) => `${routes.deadLetters}${query({ queue: group.step ?? undefined, limit: 100, after })}`,
    'deadLetters',
    `${group.step} ${usePulse()}`,
  );
  const isOurs = ({ error }: DeadLetterSummary) => error.code === group.code;
  const changed = () => {
    reload();
    onChange();
  };
  return (
    <div className="trouble-open">
      {error !== undefined && <ErrorMessage error={error} onRetry={reload} />}
      {items === undefined && error === undefined && <Skeleton form="lines" count={2} />}
      <ul>
        {items?.filter(isOurs).map((letter) => (
          <li key={`${letter.queue} ${letter.id}`}>
            <DeadLetterLine letter={letter} onChange={changed} />
          </li>
        ))}
      </ul>
      <MoreButton more={more} loadMore={loadMore} />
    </div>
  );
}
