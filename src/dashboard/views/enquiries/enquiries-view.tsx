import { useState } from 'react';
import type { Enquiry, EnquiryState } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { query } from '../../live/client.ts';
import { useCommands } from '../../live/commands.ts';
import { ago, day } from '../../live/format.ts';
import { useKeys } from '../../live/keys.ts';
import { useStamp } from '../../live/live.ts';
import { useMay, useRoleBelow } from '../../live/me.ts';
import { go, href } from '../../live/router.ts';
import { usePages } from '../../live/use-pages.ts';
import { useTitle } from '../../live/use-title.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { Message } from '../../parts/message.tsx';
import { MoreButton } from '../../parts/more-button.tsx';
import { Skeleton } from '../../parts/skeleton.tsx';
import { strings } from '../../strings.ts';
import { EnquiryStateMark, titleOf } from './enquiry-state.tsx';
import { EnquiryTabs } from './enquiry-tabs.tsx';
import { OpenDialog } from './open-dialog.tsx';
import './enquiries.css';

const text = strings.enquiries;
const STATES = Object.keys(text.states) as EnquiryState[];

function EnquiryLine({ enquiry }: { enquiry: Enquiry }) {
  const { id, state, purpose, owner, openedBy, openedAt, expires, minor } = enquiry;
  return (
    <article className="enquiry-line">
      <div>
        <h2>
          <a href={href(['enquiries', id])}>
            <bdi>{titleOf(enquiry)}</bdi>
          </a>
        </h2>
        <p className="hint">
          <bdi>{purpose}</bdi>
        </p>
      </div>
      <p className="enquiry-facts hint">
        <EnquiryStateMark state={state} />
        {minor && <span>{text.minor}</span>}
        {owner !== null && <bdi>{owner}</bdi>}
        <span>{text.opened(openedBy, ago(openedAt))}</span>
        {expires !== null && (
          <span>
            {text.expires}: {day(expires)}
          </span>
        )}
      </p>
    </article>
  );
}

function List({ state, onOpen }: { state: string; onOpen(): void }) {
  const { items, more, error, loadMore, reload } = usePages<Enquiry>(
    (after) => `${routes.enquiries}${query({ state, limit: 50, after })}`,
    'enquiries',
    `${state} ${useStamp()}`,
  );
  return (
    <>
      {error !== undefined && <ErrorMessage error={error} onRetry={reload} />}
      {items === undefined && error === undefined && <Skeleton form="lines" count={4} />}
      {items?.length === 0 &&
        (state === '' ? (
          <Message title={text.none} text={text.noneText}>
            <button type="button" className="button primary" onClick={onOpen}>
              {text.open}
            </button>
          </Message>
        ) : (
          <Message title={text.noneOf} text={text.noneOfText} />
        ))}
      <ul className="enquiries">
        {items?.map((enquiry) => (
          <li key={enquiry.id}>
            <EnquiryLine enquiry={enquiry} />
          </li>
        ))}
      </ul>
      <MoreButton more={more} loadMore={loadMore} />
    </>
  );
}

/** Every search for somebody, the newest first. */
export function EnquiriesView({ search }: { search: URLSearchParams }) {
  useTitle(text.title);
  const own = useRoleBelow('caseworker');
  const may = useMay('caseworker');
  const [opening, setOpening] = useState(false);
  const state = search.get('state') ?? '';
  const open = () => may && setOpening(true);
  useKeys(text.title, [{ keys: ['o'], does: text.open, run: open }]);
  useCommands(text.title, may ? [{ label: text.open, key: 'o', run: open }] : []);
  return (
    <div className="view enquiries-view">
      <EnquiryTabs now="enquiries" />
      <header>
        <h1>{text.title}</h1>
        <p>{text.intro}</p>
      </header>
      {own !== undefined && (
        <Message title={text.onlyCaseworkers} text={strings.common.needsRole('caseworker', own)} />
      )}
      {may && (
        <>
          <div className="enquiries-bar">
            <label>
              <span className="visually-hidden">{text.state}</span>
              <select
                value={state}
                onChange={({ target: { value } }) =>
                  go(href(['enquiries'], new URLSearchParams(value === '' ? {} : { state: value })), true)
                }
              >
                <option value="">{text.anyState}</option>
                {STATES.map((one) => (
                  <option key={one} value={one}>
                    {text.states[one]}
                  </option>
                ))}
              </select>
            </label>
            <button type="button" className="button primary" aria-keyshortcuts="o" onClick={open}>
              {text.open} <kbd>o</kbd>
            </button>
          </div>
          <List key={state} state={state} onOpen={open} />
        </>
      )}
      {opening && <OpenDialog onClose={() => setOpening(false)} />}
    </div>
  );
}
