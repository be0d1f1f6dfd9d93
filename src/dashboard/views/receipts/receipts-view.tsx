import type { ErasureReceipts } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { usePulse } from '../../live/live.ts';
import { useResource } from '../../live/use-resource.ts';
import { useTitle } from '../../live/use-title.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { Message } from '../../parts/message.tsx';
import { Skeleton } from '../../parts/skeleton.tsx';
import { strings } from '../../strings.ts';
import { ReceiptCard } from './receipt-card.tsx';

const text = strings.receipt;

export function ReceiptsView() {
  useTitle(text.all);
  const { data, error, reload } = useResource<ErasureReceipts>(routes.erasures, usePulse());
  return (
    <div className="view receipts-view">
      <header>
        <h1>{text.all}</h1>
        <p>{text.intro}</p>
      </header>
      {error !== undefined && <ErrorMessage error={error} onRetry={reload} />}
      {data === undefined && error === undefined && <Skeleton form="lines" count={3} />}
      {data?.receipts.length === 0 && <Message title={text.none} />}
      <ul className="receipts">
        {data?.receipts.map((receipt) => (
          <li key={receipt.id}>
            <ReceiptCard receipt={receipt} />
          </li>
        ))}
      </ul>
    </div>
  );
}
