import { useEffect, useState } from 'react';
import { routes } from '../../../api/routes.ts';
import { type ApiError, send } from '../../live/client.ts';
import { lookNow } from '../../live/live.ts';
import { useMay } from '../../live/me.ts';
import { notify } from '../../live/notices.ts';
import { useShown } from '../../live/use-shown.ts';
import { strings } from '../../strings.ts';

interface RerunButtonProps {
  id: string;
  /** All where absent. */
  steps?: readonly string[];
  label: string;
  done?: string;
  /** Whether the image is being worked on: then there is nothing to press, but what was pressed is still said. */
  underWay?: boolean;
  /** What has to be said yes to first: a step that makes biometric data. */
  asks?: { question: string; yes: string };
  onDone?(): void;
}

export function RerunButton(props: RerunButtonProps) {
  const { id, steps, label, done = strings.image.rerunDone, underWay = false, asks, onDone } = props;
  const may = useMay('operator');
  const [state, setState] = useState<'ready' | 'asked' | 'busy' | 'done'>('ready');
  const [error, setError] = useState<string>();
  const shown = useShown();
  // Once it was under way and no longer is, it may be pressed again.
  useEffect(() => (underWay ? () => setState('ready') : undefined), [underWay]);
  if (!may || (underWay && state === 'ready')) return null;
  const rerun = async () => {
    setState('busy');
    setError(undefined);
    try {
      const body = { ...(steps !== undefined && { steps }), ...(asks !== undefined && { biometric: true }) };
      await send('POST', routes.imageRerun(id), body);
      setState('done');
      lookNow();
      onDone?.();
    } catch (problem) {
      const { message } = problem as ApiError;
      if (!shown()) notify(message, 'error');
      setState('ready');
      setError(message);
    }
  };
  return (
    <span className="rerun">
      {state === 'done' ? (
        <span role="status">{done}</span>
      ) : state === 'asked' && asks !== undefined ? (
        <span className="asked">
          <span>{asks.question}</span>
          <button type="button" className="button small" onClick={rerun}>
            {asks.yes}
          </button>
          <button type="button" className="button small quiet" onClick={() => setState('ready')}>
            {strings.common.cancel}
          </button>
        </span>
      ) : (
        <button
          type="button"
          className="button small"
          disabled={state === 'busy'}
          onClick={asks === undefined ? rerun : () => setState('asked')}
        >
          {label}
        </button>
      )}
      {error !== undefined && (
        <span className="problem" role="alert">
          {error}
        </span>
      )}
    </span>
  );
}
