import type { EnquiryDetail } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { send } from '../../live/client.ts';
import { notify } from '../../live/notices.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
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
export function EndDialog({ enquiry: { id, version }, to, onClose, onChange }: EndDialogProps) {
  return (
    <AskDialog
      title={text.become[to]}
      go={text.become[to]}
      danger={to === 'withdrawn'}
      field={{ label: text.reason, value: '', required: true, most: 2000, hint: text.reasonHint }}
      does={(reason) => send('PUT', routes.enquiryState(id), { state: to, reason, version })}
      onDone={() => {
        notify(text.saved);
        onChange();
      }}
      onClose={onClose}
    >
      <p>{text.becomeMeans[to]}</p>
    </AskDialog>
  );
}
