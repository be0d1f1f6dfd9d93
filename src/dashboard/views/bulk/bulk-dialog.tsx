import { useEffect, useRef, useState } from 'react';
import type { BulkAct, BulkDraft } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { type BulkItems, type BulkKind, dismiss, draft, start } from '../../live/bulk.ts';
import type { ApiError } from '../../live/client.ts';
import { notify } from '../../live/notices.ts';
import { useAct } from '../../live/use-act.ts';
import { useShown } from '../../live/use-shown.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Skeleton } from '../../parts/skeleton.tsx';
import { strings } from '../../strings.ts';
import { EraseResult } from './erase-result.tsx';
import { Found } from './found-places.tsx';
import './bulk.css';

interface BulkDialogProps {
  kind: BulkKind;
  items: BulkItems;
  step?: string;
  onlyFailed?: boolean;
  onClose(): void;
  /** What was listed is being done, or is done: also where the dialog was closed before that was known. */
  onStarted(): void;
}

const text = strings.bulk;

/**
 * Says how many, and what would become of them, asks, and only then does it: over exactly what was listed when it was
 * asked, whatever comes meanwhile.
 */
export function BulkDialog({ kind, items, step, onlyFailed, onClose, onStarted }: BulkDialogProps) {
  const [listed, setListed] = useState<BulkDraft>();
  const [error, setError] = useState<ApiError>();
  const { busy, act: once } = useAct();
  const shown = useShown();
  const [done, setDone] = useState<BulkAct>();
  const asked = useRef({ kind, items, step, onlyFailed });
  const started = useRef(false);

  // Once, for what was selected when the dialog was opened.
  useEffect(() => {
    const { kind, items, step, onlyFailed } = asked.current;
    let gone = false;
    let drafted: BulkAct | undefined;
    draft(kind, items, {
      ...(step !== undefined && { step }),
      ...(onlyFailed !== undefined && { onlyFailed }),
    }).then(
      (answer) => {
        drafted = answer.act;
        if (gone) dismiss(answer.act);
        else setListed(answer);
      },
      (problem: ApiError) => {
        if (!gone) setError(problem);
      },
    );
    return () => {
      gone = true;
      if (drafted !== undefined && !started.current) dismiss(drafted);
    };
  }, []);

  const act = listed?.act;
  const finish = () => {
    onStarted();
    // Another one may be open by now.
    if (shown()) onClose();
  };
  const run = async (act: BulkAct) => {
    const { ended } = await start(act);
    if (kind === 'erase') {
      const act = await ended;
      return shown() ? setDone(act) : onStarted();
    }
    if (kind === 'export') location.assign(routes.bulkRows(act.id));
    ended.catch((problem: ApiError) => notify(problem.message, 'error'));
    finish();
  };
  const go = () => {
    if (act === undefined) return;
    started.current = true;
    setError(undefined);
    void once(() => run(act), { failed: setError });
  };
  if (done !== undefined) {
    return <EraseResult act={done} onClose={finish} />;
  }
  return (
    <Dialog title={act === undefined ? text.listing : text.title[kind](act.items)} onClose={onClose}>
      {error !== undefined && (
        <p className="problem" role="alert">
          {error.message}
        </p>
      )}
      {act === undefined && error === undefined && <Skeleton form="lines" count={2} />}
      {listed !== undefined && act !== undefined && (
        <>
          <p>{kind === 'rerun' ? text.says.rerun(act.step) : text.says[kind]}</p>
          <p className="hint">{text.exactly}</p>
          {kind === 'erase' && <Found draft={listed} />}
          <Confirm kind={kind} busy={busy} onGo={go} onClose={onClose} />
        </>
      )}
    </Dialog>
  );
}

interface ConfirmProps {
  kind: BulkKind;
  busy: boolean;
  onGo(): void;
  onClose(): void;
}

/** What cannot be undone is typed, so that no key pressed in passing does it. */
function Confirm({ kind, busy, onGo, onClose }: ConfirmProps) {
  const [typed, setTyped] = useState('');
  const final = kind === 'erase';
  return (
    <form
      className="bulk-confirm"
      onSubmit={(event) => {
        event.preventDefault();
        onGo();
      }}
    >
      {final && (
        <label className="field">
          <span>{text.type(text.word)}</span>
          <input
            type="text"
            value={typed}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setTyped(event.target.value)}
          />
        </label>
      )}
      <div className="dialog-actions">
        <button type="button" className="button quiet" onClick={onClose}>
          {/* What is under way is not called off by leaving it. */}
          {busy ? strings.common.close : strings.common.cancel}
        </button>
        <button
          type="submit"
          className={`button ${kind === 'erase' || kind === 'drop' ? 'danger' : 'primary'}`}
          disabled={busy || (final && typed.trim().toLowerCase() !== text.word)}
        >
          {text.go[kind]}
        </button>
      </div>
    </form>
  );
}
