import type { ErasureReceipt } from '../../../api/contract.ts';
import { count, dateTime } from '../../live/format.ts';
import { strings } from '../../strings.ts';
import './receipts.css';

const text = strings.receipt;

/** The proof of an erasure: it names nobody but who asked. */
export function ReceiptCard({ receipt }: { receipt: ErasureReceipt }) {
  const { id, kind, state, sweep, askedBy, askedAt, images, idsHash, stores, beyond } = receipt;
  const shown = stores.filter(({ found, remaining }) => found > 0 || remaining !== 0);
  return (
    <article className="receipt" data-state={state}>
      <p>
        <strong>
          {kind === 'faceprints'
            ? text.faceprints(images)
            : kind === 'person'
              ? text.persons(images, dateTime(askedAt), askedBy)
              : text.of(images, dateTime(askedAt), askedBy)}
        </strong>
      </p>
      <p className="receipt-state">{text.states[sweep === undefined ? state : 'sweep']}</p>
      {shown.length > 0 && (
        <div className="receipt-scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">{text.place}</th>
                <th scope="col">{text.found}</th>
                <th scope="col">{text.deleted}</th>
                <th scope="col">{text.remaining}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map(({ store, found, deleted, remaining, why }) => (
                <tr key={store}>
                  <th scope="row">
                    {strings.bulk.places[store] ?? <code>{store}</code>}
                    {why !== undefined && <span className="hint">{why}</span>}
                  </th>
                  <td>{count(found)}</td>
                  <td>{count(deleted)}</td>
                  <td>{remaining === null ? text.unknown : count(remaining)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <details>
        <summary>{text.beyond}</summary>
        <ul>
          {beyond.map(({ what, until }) => (
            <li key={what}>{text.until(what, until)}</li>
          ))}
        </ul>
      </details>
      <dl className="receipt-ids">
        <div>
          <dt>{text.id}</dt>
          <dd>
            <code>{id}</code>
          </dd>
        </div>
        <div>
          <dt>{text.hash}</dt>
          <dd>
            <code>{idsHash}</code>
          </dd>
        </div>
      </dl>
    </article>
  );
}
