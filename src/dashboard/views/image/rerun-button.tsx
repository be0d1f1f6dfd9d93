import { useEffect, useState } from 'react';
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
  /** Whether the image is being worked on: then there is nothing to press, but what was pressed is still said. */
  underWay?: boolean;
  onDone?(): void;
}

export function RerunButton(props: RerunButtonProps) {
  const { id, steps, label, done = strings.image.rerunDone, underWay = false, onDone } = props;
  const may = useMay('operator');
  const [state, setState] = useState<'ready' | 'busy' | 'done'>('ready');
  const [error, setError] = useState<string>();
  // Once it was under way and no longer is, it may be pressed again.
  useEffect(() => (underWay ? () => setState('ready') : undefined), [underWay]);
  if (!may || (underWay && state === 'ready')) return null;
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
