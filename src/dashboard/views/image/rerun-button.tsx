import { useState } from 'react';
import { routes } from '../../../api/routes.ts';
import { type ApiError, send } from '../../live/client.ts';
import { lookNow } from '../../live/live.ts';
import { useMay } from '../../live/me.ts';
import { strings } from '../../strings.ts';

interface RerunButtonProps {
  id: string;
  /** All where absent. */
  steps?: readonly string[];
  label: string;
  done?: string;
  onDone?(): void;
}

export function RerunButton({ id, steps, label, done = strings.image.rerunDone, onDone }: RerunButtonProps) {
  const may = useMay('operator');
  const [state, setState] = useState<'ready' | 'busy' | 'done'>('ready');
  const [error, setError] = useState<string>();
  if (!may) return null;
  const rerun = async () => {
    setState('busy');
    setError(undefined);
    try {
      await send('POST', routes.imageRerun(id), steps === undefined ? {} : { steps });
      setState('done');
      lookNow();
      onDone?.();
    } catch (problem) {
      setState('ready');
      setError((problem as ApiError).message);
    }
  };
  return (
    <span className="rerun">
      {state === 'done' ? (
        <span role="status">{done}</span>
      ) : (
        <button type="button" className="button small" disabled={state === 'busy'} onClick={rerun}>
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
