import type { CandidatePage } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { useStamp } from '../../live/live.ts';
import { useMay } from '../../live/me.ts';
import { href } from '../../live/router.ts';
import { useResource } from '../../live/use-resource.ts';
import { strings } from '../../strings.ts';

const MOST = 100;

/** Between the list and what waits for a second pair of eyes; it says how many do. */
export function EnquiryTabs({ now }: { now: 'enquiries' | 'second-look' }) {
  const reviewer = useMay('reviewer');
  const stamp = useStamp();
  const waiting = useResource<CandidatePage>(
    reviewer ? `${routes.candidates}?standing=secondLook&limit=${MOST}` : undefined,
    stamp,
  );
  const count = waiting.data?.candidates.length ?? 0;
  return (
    <nav className="tabs" aria-label={strings.enquiries.tabs}>
      <a href={href(['enquiries'])} aria-current={now === 'enquiries' ? 'page' : undefined}>
        {strings.enquiries.title}
      </a>
      <a href={href(['second-look'])} aria-current={now === 'second-look' ? 'page' : undefined}>
        {strings.secondLook.title}
        {count > 0 && (
          <span className="badge">
            {count}
            {waiting.data?.next != null && '+'}
          </span>
        )}
      </a>
    </nav>
  );
}
