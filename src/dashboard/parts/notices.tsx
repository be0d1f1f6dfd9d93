import { stop, useActs } from '../live/bulk.ts';
import { useLive } from '../live/live.ts';
import { putAway, useNotices } from '../live/notices.ts';
import { strings } from '../strings.ts';
import { Icon } from './icon.tsx';
import './notices.css';

/** What has to be seen at any height of the page: no connection, what was not saved, how far acts on many are. */
export function Notices() {
  const { reachable, refusal } = useLive();
  const notices = useNotices();
  const acts = useActs();
  return (
    <div className="notices">
      <div role="status">
        {acts.map((act) => (
          <div key={act.id} className="notice">
            <div className="notice-act">
              <p>{strings.bulk.running[act.kind](act.position, act.items)}</p>
              <progress
                value={act.kind === 'erase' && act.position === 0 ? undefined : act.position}
                max={act.items}
                aria-label={strings.bulk.running[act.kind](act.position, act.items)}
              />
              <p className="hint">{strings.bulk.goesOn}</p>
            </div>
            {act.kind !== 'erase' && (
              <button type="button" className="button small quiet" onClick={() => void stop(act)}>
                {strings.bulk.stop}
              </button>
            )}
          </div>
        ))}
        {!reachable && refusal === undefined && (
          <p className="notice" data-kind="error">
            {strings.live.offlineNote}
          </p>
        )}
      </div>
      {notices.map(({ id, text, kind }) => (
        <div key={id} className="notice" data-kind={kind} role={kind === 'error' ? 'alert' : 'status'}>
          <p>{text}</p>
          <button
            type="button"
            className="icon-button"
            aria-label={strings.common.close}
            onClick={() => putAway(id)}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
