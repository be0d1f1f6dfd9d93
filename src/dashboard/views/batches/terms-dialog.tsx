import { useEffect, useState } from 'react';
import type { BatchConsent, BatchProgress } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { type ApiError, getJson, send } from '../../live/client.ts';
import { lookNow } from '../../live/live.ts';
import { notify } from '../../live/notices.ts';
import { useAct } from '../../live/use-act.ts';
import { useShown } from '../../live/use-shown.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Skeleton } from '../../parts/skeleton.tsx';
import { strings } from '../../strings.ts';
import { changeOf, isPast, NO_TERMS, type Terms, TermsFields, termsOf } from './terms-fields.tsx';
import './batches.css';

const text = strings.terms;
/** Batches that one dialog speaks of. */
const MOST = 10;

interface TermsDialogProps {
  batches: readonly string[];
  onClose(): void;
  onSaved?(): void;
}

/** Terms hold for whole batches: it says for which, and for how many images, before anything is changed. */
export function TermsDialog({ batches: asked, onClose, onSaved }: TermsDialogProps) {
  // Those it was opened for: what comes meanwhile is not changed unseen.
  const [batches] = useState(asked);
  const [found, setFound] = useState<readonly BatchProgress[]>();
  const [terms, setTerms] = useState<Terms>(NO_TERMS);
  const [error, setError] = useState<string>();
  const { busy, act } = useAct();
  const shown = useShown();
  const names = batches.slice(0, MOST).join('\n');

  useEffect(() => {
    const abort = new AbortController();
    Promise.all(
      names.split('\n').map((name) => getJson<BatchProgress>(routes.batch(name), abort.signal)),
    ).then(
      (all) => {
        setFound(all);
        if (all.length === 1) setTerms(termsOf(all[0]?.settings));
      },
      (problem: ApiError) => {
        if (!abort.signal.aborted) setError(problem.message);
      },
    );
    return () => abort.abort();
  }, [names]);

  const only = found?.length === 1 ? found[0] : undefined;
  // Of several what is left empty stays as it is.
  const change = changeOf(only === undefined ? NO_TERMS : termsOf(only.settings), terms);
  const save = async () => {
    let pending = false;
    for (const { batchId } of found ?? []) {
      const saved = await send<BatchConsent>('PUT', routes.batch(batchId), change);
      pending ||= saved?.pending ?? false;
    }
    return pending;
  };
  const submit = () => {
    setError(undefined);
    void act(save, {
      done: (pending) => {
        notify(pending ? text.savedPending : text.saved);
        lookNow();
        onSaved?.();
        // Closed meanwhile: what is open now is another one.
        if (shown()) onClose();
      },
      failed: ({ message }) => setError(message),
    });
  };
  return (
    <Dialog title={text.title} onClose={onClose}>
      <p className="hint">{text.intro}</p>
      {error !== undefined && (
        <p className="problem" role="alert">
          {error}
        </p>
      )}
      {found === undefined && error === undefined && <Skeleton form="lines" count={3} />}
      {found !== undefined && (
        <form
          className="terms-form"
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <ul className="terms-batches">
            {found.map(({ batchId, accepted }) => (
              <li key={batchId}>
                <bdi>{text.ofBatch(batchId, accepted)}</bdi>
              </li>
            ))}
          </ul>
          {batches.length > MOST && <p className="problem">{text.more}</p>}
          <TermsFields terms={terms} onChange={setTerms} />
          <div className="dialog-actions">
            <button type="button" className="button quiet" onClick={onClose}>
              {strings.common.cancel}
            </button>
            <button
              type="submit"
              className="button primary"
              disabled={busy || Object.keys(change).length === 0 || isPast(terms) || batches.length > MOST}
            >
              {text.save}
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
