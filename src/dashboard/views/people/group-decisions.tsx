import type { GroupView, LogEntry } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { query, send } from '../../live/client.ts';
import { ago } from '../../live/format.ts';
import { useMay } from '../../live/me.ts';
import { notify } from '../../live/notices.ts';
import { usePages } from '../../live/use-pages.ts';
import { FaceCrop } from '../../parts/face-crop.tsx';
import { MoreButton } from '../../parts/more-button.tsx';
import { strings } from '../../strings.ts';

const text = strings.people;

interface GroupDecisionsProps {
  group: GroupView;
  stamp: string;
  onChange(): void;
}

/** What people said of the person, or of the face the group is shown by, newest first; each can be taken back. */
export function GroupDecisions({ group, stamp, onChange }: GroupDecisionsProps) {
  const may = useMay('caseworker');
  const about = group.person === null ? { face: group.lead } : { person: group.person.id };
  const { items, more, loadMore } = usePages<LogEntry>(
    (after) => `${routes.decisions}${query({ ...about, limit: 20, after })}`,
    'decisions',
    `${group.id} ${stamp}`,
  );
  const superseded = new Set(items?.map(({ supersedes }) => supersedes));
  const undo = async (id: string) => {
    try {
      await send('POST', routes.decisionUndo(id), {});
      notify(text.undone);
    } catch (problem) {
      notify((problem as Error).message, 'error');
    }
    onChange();
  };
  return (
    <section aria-labelledby="group-decisions">
      <h2 id="group-decisions">{text.decisions}</h2>
      {items?.length === 0 && <p className="hint">{text.noDecisions}</p>}
      <ul className="events">
        {items?.map(({ id, kind, by, at, reason, faces }) => (
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
            {may && !superseded.has(id) && ['same', 'different', 'undo'].includes(kind) && (
              <button type="button" className="button small quiet" onClick={() => void undo(id)}>
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
