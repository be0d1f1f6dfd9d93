import type { Status } from '../../api/contract.ts';
import { strings } from '../strings.ts';

export function StatusMark({ status }: { status: Status }) {
  return (
    <span className="status-mark" data-status={status} title={strings.statusMeans[status]}>
      {strings.status[status]}
    </span>
  );
}
