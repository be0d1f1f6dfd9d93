import { type ReactNode, useEffect, useRef } from 'react';
import { useLate } from '../live/unsaved.ts';
import { strings } from '../strings.ts';
import { Icon } from './icon.tsx';
import './dialog.css';

interface DialogProps {
  title: string;
  /** Shown above everything, with a way out; without it only read out. */
  heading?: boolean;
  className?: string;
  onClose(): void;
  children: ReactNode;
}

/** What stands over the page: the browser keeps the focus in it, and Escape closes it. */
export function Dialog({ title, heading = true, className = '', onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  /** Whether the pointer went down beside it: text that is selected past its edge must not close it. */
  const beside = useRef(false);
  const late = useLate();
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    element?.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the browser's own; the click is for what lies beside it
    <dialog
      ref={dialog}
      className={`dialog ${className}`}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        beside.current = event.target === dialog.current;
      }}
      onClick={(event) => {
        if (event.target === dialog.current && beside.current) onClose();
      }}
    >
      <div className="dialog-body">
        {heading && (
          <div className="dialog-head">
            <h2>{title}</h2>
            <button type="button" className="icon-button" aria-label={strings.common.close} onClick={onClose}>
              <Icon name="close" />
            </button>
          </div>
        )}
        {children}
      </div>
      {/* The page's own notices lie below. */}
      <div className="dialog-late" role="status">
        {late && <p>{strings.live.late}</p>}
      </div>
    </dialog>
  );
}
