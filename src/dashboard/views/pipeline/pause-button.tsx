import { useState } from 'react';
import type { Queues } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { send } from '../../live/client.ts';
import { lookNow } from '../../live/live.ts';
import { useMay } from '../../live/me.ts';
import { useAct } from '../../live/use-act.ts';
import { strings } from '../../strings.ts';

interface PauseButtonProps {
  step: string;
  title: string;
  /** How the step was when it was asked; undefined while nobody knows. */
  queue: Queues['queues'][number] | undefined;
  onChange(): void;
}

const text = strings.pauses;

/** Lets the messages of a step wait, with the reason that whoever asks is shown, and go on again. */
export function PauseButton({ step, title, queue, onChange }: PauseButtonProps) {
  const may = useMay('operator');
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const { busy, act } = useAct(queue, () => {
    lookNow();
    onChange();
  });
  if (!may) return null;
  const done = () => {
    setAsking(false);
    setReason('');
  };
  if (queue?.paused != null) {
    return (
      <button
        type="button"
        className="button small"
        aria-label={`${text.resume}: ${title}`}
        disabled={busy}
        onClick={() => void act(() => send('DELETE', routes.pause(step)), { done })}
      >
        {text.resume}
      </button>
    );
  }
  if (!asking) {
    return (
      <button
        type="button"
        className="link pause"
        aria-label={`${text.pause}: ${title}`}
        disabled={busy}
        onClick={() => setAsking(true)}
      >
        {text.pause}
      </button>
    );
  }
  return (
    <form
      className="pause-form"
      onSubmit={(event) => {
        event.preventDefault();
        void act(() => send('PUT', routes.pause(step), { reason: reason.trim() }), { done });
      }}
    >
      <label className="field">
        <span>{text.why}</span>
        <input
          type="text"
          maxLength={200}
          value={reason}
          // biome-ignore lint/a11y/noAutofocus: it was just asked for
          autoFocus
          onChange={({ target }) => setReason(target.value)}
        />
      </label>
      <span className="pause-acts">
        <button type="submit" className="button small" disabled={busy}>
          {text.pauseNow}
        </button>
        <button type="button" className="button small quiet" onClick={() => setAsking(false)}>
          {strings.common.cancel}
        </button>
      </span>
    </form>
  );
}
