import { strings } from '../../strings.ts';
import type { Acted } from './use-done.ts';

/** What was done last, and the way back. */
export function DoneBar({ acted: { last, busy, undo } }: { acted: Acted }) {
  return (
    <div className="done-bar">
      <span role="status">{last?.says ?? ''}</span>
      {last !== undefined && (
        <button type="button" className="button small" aria-keyshortcuts="u" disabled={busy} onClick={undo}>
          {strings.people.undo} <kbd>u</kbd>
        </button>
      )}
    </div>
  );
}
