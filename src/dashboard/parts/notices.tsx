import type { BulkAct } from '../../api/contract.ts';
import { stop, useActs } from '../live/bulk.ts';
import { useLive } from '../live/live.ts';
import { putAway, useNotices } from '../live/notices.ts';
import { useLate } from '../live/unsaved.ts';
import { useAct } from '../live/use-act.ts';
import { strings } from '../strings.ts';
import { Icon } from './icon.tsx';
import './notices.css';

/** How far an act on many is. */
function Running({ act }: { act: BulkAct }) {
  const { kind, position, items } = act;
  const { busy, act: once } = useAct();
  const says = strings.bulk.running[kind](position, items);
  return (
    <div className="notice">
      <div className="notice-act">
        <p>{says}</p>
        <progress
          value={kind === 'erase' && position === 0 ? undefined : position}
          max={items}
          aria-label={says}
        />
        <p className="hint">{strings.bulk.goesOn}</p>
      </div>
      {kind !== 'erase' && (
        <button
          type="button"
          className="button small quiet"
          disabled={busy}
          onClick={() => void once(() => stop(act))}
        >
          {strings.bulk.stop}
        </button>
      )}
    </div>
  );
}

/** What has to be seen at any height of the page: no connection, what was not saved, how far acts on many are. */
export function Notices() {
  const { reachable, refusal } = useLive();
  const notices = useNotices();
  const acts = useActs();
  const late = useLate();
  return (
    <div className="notices">
      <div role="status">
        {acts.map((act) => (
          <Running key={act.id} act={act} />
        ))}
        {!reachable && refusal === undefined && (
          <p className="notice" data-kind="error">
            {strings.live.offlineNote}
          </p>
        )}
        {late && <p className="notice">{strings.live.late}</p>}
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
