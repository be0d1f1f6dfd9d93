import { useState } from 'react';
import type { DeadLetter, DeadLetterSummary } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { send } from '../../live/client.ts';
import { ago } from '../../live/format.ts';
import { lookNow } from '../../live/live.ts';
import { useMay } from '../../live/me.ts';
import { notify } from '../../live/notices.ts';
import { imageHref } from '../../live/router.ts';
import { useAct } from '../../live/use-act.ts';
import { useResource } from '../../live/use-resource.ts';
import { strings } from '../../strings.ts';

const text = strings.pipeline;

interface DeadLetterLineProps {
  letter: DeadLetterSummary;
  onChange(): void;
}

function WholeMessage({ letter }: { letter: DeadLetterSummary }) {
  const { data, error } = useResource<DeadLetter>(routes.deadLetter(letter.queue, letter.id));
  if (error !== undefined) return <p className="problem">{error.message}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <pre className="letter-message" tabIndex={0}>
      {data === undefined ? strings.common.loading : pretty(data.message)}
    </pre>
  );
}

function pretty(message: string): string {
  try {
    return JSON.stringify(JSON.parse(message), null, 2);
  } catch {
    return message;
  }
}

export function DeadLetterLine({ letter, onChange }: DeadLetterLineProps) {
  const operator = useMay('operator');
  const administrator = useMay('administrator');
  const [open, setOpen] = useState(false);
  const [sure, setSure] = useState(false);
  const [error, setError] = useState<string>();
  const { busy, act: once } = useAct(letter, () => {
    lookNow();
    onChange();
  });
  const act = (work: () => Promise<unknown>, done: string) => {
    setError(undefined);
    void once(work, { done: () => notify(done), failed: ({ message }) => setError(message) });
  };
  const replay = () =>
    act(() => send('POST', routes.deadLetterReplay(letter.queue, letter.id)), text.replayed);
  const drop = () => act(() => send('DELETE', routes.deadLetter(letter.queue, letter.id)), text.dropped);
  return (
    <article className="letter">
      <h4>
        {letter.queue} <code>{letter.error.code}</code>
      </h4>
      <p>{letter.error.message}</p>
      <p className="hint">
        {text.times(letter.times)}, {text.lastSeen(ago(letter.lastSeen))}
        {letter.imageId !== null && (
          <>
            {' · '}
            <a href={imageHref(letter.imageId)}>{strings.match.open(letter.imageId.slice(0, 12))}</a>
          </>
        )}
      </p>
      <div className="letter-actions">
        {operator && (
          <button type="button" className="button small" disabled={busy} onClick={replay}>
            {text.replay}
          </button>
        )}
        {operator && (
          <button
            type="button"
            className="button small quiet"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            {text.message}
          </button>
        )}
        {administrator && !sure && (
          <button type="button" className="button small quiet" onClick={() => setSure(true)}>
            {text.drop}
          </button>
        )}
        {sure && (
          <>
            <span>{text.dropSure}</span>
            <button type="button" className="button small" disabled={busy} onClick={drop}>
              {text.drop}
            </button>
            <button type="button" className="button small quiet" onClick={() => setSure(false)}>
              {strings.common.cancel}
            </button>
          </>
        )}
      </div>
      {error !== undefined && (
        <p className="problem" role="alert">
          {error}
        </p>
      )}
      {open && <WholeMessage letter={letter} />}
    </article>
  );
}
