import { type ReactNode, useId, useState } from 'react';
import { useAct } from '../live/use-act.ts';
import { useShown } from '../live/use-shown.ts';
import { strings } from '../strings.ts';
import { Dialog } from './dialog.tsx';

interface AskDialogProps<T> {
  title: string;
  /** What the button says that does it. */
  go: string;
  /** Asked for in words; `required` where nothing is done without. */
  field?: { label: string; value: string; required: boolean; most: number; hint?: string };
  /** Whether something else that is asked for is missing. */
  incomplete?: boolean;
  danger?: boolean;
  children: ReactNode;
  does(text: string): Promise<T>;
  /** Also where it was closed before that. */
  onDone(result: T): void;
  onClose(): void;
}

/** Shows what an act is about and does it once it is confirmed; what is refused stays here, with the reason. */
export function AskDialog<T>(props: AskDialogProps<T>) {
  const {
    title,
    go,
    field,
    incomplete: missing = false,
    danger = false,
    children,
    does,
    onDone,
    onClose,
  } = props;
  const id = useId();
  const [text, setText] = useState(field?.value ?? '');
  const { busy, act } = useAct();
  const shown = useShown();
  const [error, setError] = useState<string>();
  const incomplete = missing || (field?.required === true && text.trim() === '');
  const run = () => {
    setError(undefined);
    void act(() => does(text.trim()), {
      done: (result) => {
        onDone(result);
        // Closed meanwhile: what is open now is another one.
        if (shown()) onClose();
      },
      failed: ({ message }) => setError(message),
    });
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="terms-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!incomplete) run();
        }}
      >
        {children}
        {field !== undefined && (
          <div className="field">
            <label htmlFor={id}>{field.label}</label>
            <input
              id={id}
              type="text"
              maxLength={field.most}
              value={text}
              data-autofocus
              aria-describedby={field.hint === undefined ? undefined : `${id}-hint`}
              onChange={({ target }) => setText(target.value)}
            />
            {field.hint !== undefined && (
              <span className="hint" id={`${id}-hint`}>
                {field.hint}
              </span>
            )}
          </div>
        )}
        {error !== undefined && (
          <p className="problem" role="alert">
            {error}
          </p>
        )}
        <div className="dialog-actions">
          <button type="button" className="button quiet" onClick={onClose}>
            {strings.common.cancel}
          </button>
          <button
            type="submit"
            className={`button ${danger ? 'danger' : 'primary'}`}
            disabled={busy || incomplete}
          >
            {go}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
