import type { GroupView, LogEntry } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { query, send } from '../../live/client.ts';
import { ago } from '../../live/format.ts';
import { useMay } from '../../live/me.ts';
import { notify } from '../../live/notices.ts';
import { href } from '../../live/router.ts';
import { useAct } from '../../live/use-act.ts';
import { usePages } from '../../live/use-pages.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { FaceCrop } from '../../parts/face-crop.tsx';
import { MoreButton } from '../../parts/more-button.tsx';
import { strings } from '../../strings.ts';

const text = strings.people;
const UNDONE: readonly LogEntry['kind'][] = ['same', 'different', 'undo'];

interface GroupDecisionsProps {
  group: GroupView;
  stamp: string;
  onChange(): void;
}

/** What people said of the person, or of the face the group is shown by, newest first; each can be taken back. */
export function GroupDecisions({ group, stamp, onChange }: GroupDecisionsProps) {
  const may = useMay('caseworker');
  const about = group.person === null ? { face: group.lead } : { person: group.person.id };
  const { items, more, error, loadMore, reload } = usePages<LogEntry>(
    (after) => `${routes.decisions}${query({ ...about, limit: 20, after })}`,
    'decisions',
    `${group.id} ${stamp}`,
  );
  const superseded = new Set(items?.map(({ supersedes }) => supersedes));
  const { busy, act } = useAct(items, onChange);
  const undo = (id: string) =>
    void act(() => send('POST', routes.decisionUndo(id), {}), { done: () => notify(text.undone) });
  return (
    <section aria-labelledby="group-decisions">
      <h2 id="group-decisions">{text.decisions}</h2>
      {error !== undefined && <ErrorMessage error={error} onRetry={reload} />}
      {items?.length === 0 && <p className="hint">{text.noDecisions}</p>}
      <ul className="events">
        {items?.map(({ id, kind, by, at, reason, faces, candidate, enquiry }) => (
          <li key={id} data-over={superseded.has(id) || undefined}>
            <p>
              <bdi>{text.said(by, text.kinds[kind], ago(at))}</bdi>
            </p>
            {reason !== null && (
              <p className="event-note">
                <bdi>{reason}</bdi>
              </p>
            )}
            <span className="decision-faces">
              {faces.map((face, index) => (
                <FaceCrop key={face} face={face} alt={strings.image.face(index + 1)} />
              ))}
            </span>
            {/* What two have said of a candidate is taken back by their words there, or it would read as found and not be so. */}
            {candidate !== null && enquiry !== null && (
              <a href={href(['enquiries', enquiry, candidate])}>{strings.enquiries.seeCandidate}</a>
            )}
            {may && candidate === null && !superseded.has(id) && UNDONE.includes(kind) && (
              <button type="button" className="button small quiet" disabled={busy} onClick={() => undo(id)}>
                {text.undo}
              </button>
            )}
          </li>
        ))}
      </ul>
      <MoreButton more={more} loadMore={loadMore} />
    </section>
  );
}
