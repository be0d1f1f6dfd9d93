import type { BulkAct, ErasureReceipt } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { useResource } from '../../live/use-resource.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Skeleton } from '../../parts/skeleton.tsx';
import { strings } from '../../strings.ts';
import { ReceiptCard } from '../receipts/receipt-card.tsx';

/** What an erasure that has just been done leaves: its receipt. */
export function EraseResult({ act, onClose }: { act: BulkAct; onClose(): void }) {
  const { data, error } = useResource<ErasureReceipt>(
    act.receipt === null ? undefined : routes.erasure(act.receipt),
  );
  return (
    <Dialog title={strings.receipt.title} className="receipt-dialog" onClose={onClose}>
      {error !== undefined && <p className="problem">{error.message}</p>}
      {act.receipt === null && <p>{strings.bulk.ended.erase(act.acted)}</p>}
      {act.left.map(({ code, items, message }) => (
        <p key={code}>{strings.bulk.left(items, message)}</p>
      ))}
      {data === undefined && error === undefined && act.receipt !== null && (
        <Skeleton form="lines" count={3} />
      )}
      {data !== undefined && <ReceiptCard receipt={data} />}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={() => window.print()}>
          {strings.receipt.print}
        </button>
        <button type="button" className="button primary" onClick={onClose}>
          {strings.common.close}
        </button>
      </div>
    </Dialog>
  );
}
