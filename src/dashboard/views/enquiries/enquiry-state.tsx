import type { EnquiryState } from '../../../api/contract.ts';
import { strings } from '../../strings.ts';

const text = strings.enquiries;

export const titleOf = ({ id, caseReference }: { id: string; caseReference: string | null }): string =>
  caseReference ?? text.untitled(id.slice(0, 8));

export function EnquiryStateMark({ state }: { state: EnquiryState }) {
  return (
    <span className="status-mark" title={text.stateMeans[state]}>
      {text.states[state]}
    </span>
  );
}
