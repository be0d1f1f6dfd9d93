import type { BulkDraft } from '../../../api/contract.ts';
import { count } from '../../live/format.ts';
import { strings } from '../../strings.ts';

const text = strings.bulk;

/** What there is of the images that would be erased: by batch, and by place in words. */
export function Found({ draft: { found, batches } }: { draft: BulkDraft }) {
  const known = Object.entries(found ?? {}).filter(([place, rows]) => place in text.places && rows > 0);
  const others = Object.entries(found ?? {}).reduce(
    (sum, [place, rows]) => sum + (place in text.places ? 0 : rows),
    0,
  );
  return (
    <div className="found-places">
      <h3>{text.ofBatches}</h3>
      <ul>
        {batches?.map(({ batchId, images }) => (
          <li key={batchId}>
            <bdi>{text.ofBatch(batchId, images)}</bdi>
          </li>
        ))}
      </ul>
      <h3>{text.whatThereIs}</h3>
      <dl>
        {known.map(([place, rows]) => (
          <div key={place}>
            <dt>{text.places[place]}</dt>
            <dd>{count(rows)}</dd>
          </div>
        ))}
        {others > 0 && (
          <div>
            <dt>{text.others}</dt>
            <dd>{count(others)}</dd>
          </div>
        )}
      </dl>
    </div>
  );
}
