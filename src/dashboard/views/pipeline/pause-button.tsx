import { useState } from 'react';
import { routes } from '../../../api/routes.ts';
import { type ApiError, send } from '../../live/client.ts';
import { lookNow } from '../../live/live.ts';
import { useMay } from '../../live/me.ts';
import { notify } from '../../live/notices.ts';
import { strings } from '../../strings.ts';

interface PauseButtonProps {
  step: string;
  title: string;
  paused: boolean;
  onChange(): void;
}

const text = strings.pauses;

/** Lets the messages of a step wait, with the reason that whoever asks is shown, and go on again. */
export function PauseButton({ step, title, paused, onChange }: PauseButtonProps) {
  const may = useMay('operator');
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  if (!may) return null;
  const act = async (work: Promise<unknown>) => {
    try {
      await work;
      setAsking(false);
      setReason('');
    } catch (problem) {
      notify((problem as ApiError).message, 'error');
    }
    lookNow();
    onChange();
  };
  if (paused) {
    return (
      <button
        type="button"
        className="button small"
        aria-label={`${text.resume}: ${title}`}
        onClick={() => void act(send('DELETE', routes.pause(step)))}
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
        void act(send('PUT', routes.pause(step), { reason: reason.trim() }));
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
        <button type="submit" className="button small">
          {text.pauseNow}
        </button>
        <button type="button" className="button small quiet" onClick={() => setAsking(false)}>
          {strings.common.cancel}
        </button>
      </span>
    </form>
  );
}
