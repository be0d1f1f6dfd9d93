import { useState } from 'react';
import type { ListedBatch } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { query } from '../../live/client.ts';
import { ago, day } from '../../live/format.ts';
import { useStamp } from '../../live/live.ts';
import { useMay } from '../../live/me.ts';
import { go, href } from '../../live/router.ts';
import { usePages } from '../../live/use-pages.ts';
import { useTitle } from '../../live/use-title.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Message } from '../../parts/message.tsx';
import { MoreButton } from '../../parts/more-button.tsx';
import { enquiryOf } from '../../parts/photograph-name.ts';
import { Skeleton } from '../../parts/skeleton.tsx';
import { strings } from '../../strings.ts';
import { TermsDialog } from './terms-dialog.tsx';
import './batches.css';

const text = strings.batches;
const terms = strings.terms;

function Terms({ settings }: Pick<ListedBatch, 'settings'>) {
  if (settings === null) return <p className="batch-terms none">{text.noTerms}</p>;
  const { purpose, legalBasis, expires, doNotMatch, pending } = settings;
  const facts = [
    purpose !== null && [terms.purpose, purpose],
    legalBasis !== null && [terms.legalBasis, legalBasis],
    expires !== null && [terms.expires, day(expires)],
    [strings.image.matching, doNotMatch ? terms.doNotMatch : terms.matched],
  ].filter((fact): fact is string[] => fact !== false);
  return (
    <dl className="batch-terms">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
      {pending && (
        <div>
          <dt>{text.pending}</dt>
        </div>
      )}
    </dl>
  );
}

function BatchLine({ batch, onTerms }: { batch: ListedBatch; onTerms(): void }) {
  const { batchId, images, faces, byStatus, latest, settings } = batch;
  const may = useMay('operator');
  const search = new URLSearchParams({ batch: batchId });
  const enquiry = enquiryOf(batchId);
  const troubled = images - (byStatus.done ?? 0);
  return (
    <article className="batch">
      <div className="batch-head">
        <h2>
          <a href={href(['images'], search)}>
            <bdi>{batchId}</bdi>
          </a>
        </h2>
        <p className="hint">
          {[
            text.images(images),
            text.faces(faces),
            troubled > 0 && text.troubled(troubled),
            latest !== null && text.latest(ago(latest)),
          ]
            .filter((part) => part !== false)
            .join(' · ')}
        </p>
      </div>
      <Terms settings={settings} />
      <div className="batch-acts">
        {enquiry !== undefined ? (
          // Its terms are the enquiry's, and its faces are judged there.
          <a className="button small quiet" href={href(['enquiries', enquiry])}>
            {text.enquiry}
          </a>
        ) : (
          <>
            {may && (
              <button type="button" className="button small" onClick={onTerms}>
                {text.change}
              </button>
            )}
            <a className="button small quiet" href={href(['review'], search)}>
              {strings.nav.review}
            </a>
          </>
        )}
      </div>
    </article>
  );
}

/** Every batch with its terms. */
export function BatchesView({ search }: { search: URLSearchParams }) {
  useTitle(text.title);
  const prefix = search.get('prefix') ?? '';
  const { items, more, error, loadMore, reload } = usePages<ListedBatch>(
    (after) => `${routes.batches}${query({ prefix, limit: 50, after })}`,
    'batches',
    `${prefix} ${useStamp()}`,
  );
  const [asked, setAsked] = useState<string>();
  return (
    <div className="view batches-view">
      <header>
        <h1>{text.title}</h1>
        <p>{text.intro}</p>
      </header>
      <div className="search-box batch-search">
        <Icon name="search" />
        <input
          type="search"
          aria-label={text.search}
          placeholder={text.search}
          value={prefix}
          onChange={({ target }) =>
            go(
              href(['batches'], new URLSearchParams(target.value === '' ? {} : { prefix: target.value })),
              true,
            )
          }
        />
      </div>
      {error !== undefined && <ErrorMessage error={error} onRetry={reload} />}
      {items === undefined && error === undefined && <Skeleton form="lines" count={4} />}
      {items?.length === 0 && (
        <Message
          title={prefix === '' ? text.none : text.noneOf}
          text={prefix === '' ? text.noneText : text.noneOfText}
        />
      )}
      <ul className="batches">
        {items?.map((batch) => (
          <li key={batch.batchId}>
            <BatchLine batch={batch} onTerms={() => setAsked(batch.batchId)} />
          </li>
        ))}
      </ul>
      <MoreButton more={more} loadMore={loadMore} />
      {asked !== undefined && (
        <TermsDialog batches={[asked]} onClose={() => setAsked(undefined)} onSaved={reload} />
      )}
    </div>
  );
}
