import { useState } from 'react';
import type { EnquiryDetail } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { send } from '../../live/client.ts';
import { notify } from '../../live/notices.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { strings } from '../../strings.ts';

const text = strings.enquiries;

export type Ending = EnquiryDetail['next'][number];

interface EndDialogProps {
  enquiry: EnquiryDetail;
  to: Ending;
  onClose(): void;
  onChange(): void;
}

/** Ends an enquiry, or takes its end back: never without a reason. */
export function EndDialog({ enquiry, to, onClose, onChange }: EndDialogProps) {
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const end = async () => {
    setBusy(true);
    try {
      const { version } = enquiry;
      await send('PUT', routes.enquiryState(enquiry.id), { state: to, reason: reason.trim(), version });
      notify(text.saved);
      onChange();
      onClose();
    } catch (problem) {
      setError((problem as Error).message);
      setBusy(false);
    }
  };
  return (
    <Dialog title={text.become[to]} onClose={onClose}>
      <p>{text.becomeMeans[to]}</p>
      {error !== undefined && (
        <p className="problem" role="alert">
          {error}
        </p>
      )}
      <form
        className="terms-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy && reason.trim() !== '') void end();
        }}
      >
        <div className="field">
          <label htmlFor="enquiry-reason">{text.reason}</label>
          <input
            id="enquiry-reason"
            type="text"
            maxLength={2000}
            value={reason}
            data-autofocus
            aria-describedby="enquiry-reason-hint"
            onChange={({ target }) => setReason(target.value)}
          />
          <span className="hint" id="enquiry-reason-hint">
            {text.reasonHint}
          </span>
        </div>
        <div className="dialog-actions">
          <button type="button" className="button quiet" onClick={onClose}>
            {strings.common.cancel}
          </button>
          <button
            type="submit"
            className={`button ${to === 'withdrawn' ? 'danger' : 'primary'}`}
            disabled={busy || reason.trim() === ''}
          >
            {text.become[to]}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
