import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { BatchPage, Status } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { useStamp } from '../../live/live.ts';
import { store, stored } from '../../live/stored.ts';
import { useResource } from '../../live/use-resource.ts';
import { Icon } from '../../parts/icon.tsx';
import { strings } from '../../strings.ts';
import { type FaceChoice, faceChoice, withFaces, withValue } from './filters.ts';

const text = strings.images;
const STATUSES: readonly Status[] = ['done', 'partial', 'rejected', 'superseded', 'gone'];
const FACES: readonly (readonly [FaceChoice, string])[] = [
  ['any', text.anyFaces],
  ['none', text.noFaces],
  ['one', text.oneFace],
  ['some', text.withFaces],
  ['many', text.manyFaces],
];
/** Long enough not to ask at every key, short enough to feel at once. */
const TYPING_MS = 250;
const OPEN_KEY = 'imaginem-filters';

export interface FilterProps {
  search: URLSearchParams;
  onChange(next: URLSearchParams, replace?: boolean): void;
}

function SearchBox({ search, onChange }: FilterProps) {
  const given = search.get('text') ?? '';
  const [typed, setTyped] = useState(given);
  const sent = useRef(given);
  // The address may change by other means: back, a chip, a link.
  if (given !== sent.current) {
    sent.current = given;
    setTyped(given);
  }
  useEffect(() => {
    if (typed === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = typed.trim();
      onChange(withValue(search, 'text', typed.trim()), true);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, search, onChange]);

  return (
    <div className="search-box">
      <Icon name="search" />
      <input
        type="search"
        aria-label={text.search}
        title={text.searchHint}
        placeholder={text.searchPlaceholder}
        aria-keyshortcuts="/"
        value={typed}
        maxLength={500}
        onChange={(event) => setTyped(event.target.value)}
      />
    </div>
  );
}

/** The fields that are folded away, and what else is chosen there. */
function Fields({ search, onChange }: FilterProps) {
  const batches = useResource<BatchPage>(`${routes.batches}?limit=500`, useStamp());
  const batch = search.get('batch') ?? '';
  const names = batches.data?.batches.map((one) => one.batchId) ?? [];
  if (batch !== '' && !names.includes(batch)) names.unshift(batch);
  return (
    <div className="filter-fields">
      <label className="field">
        <span>{text.batch}</span>
        <select value={batch} onChange={(event) => onChange(withValue(search, 'batch', event.target.value))}>
          <option value="">{text.anyBatch}</option>
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label className="field">
        <span>{text.status}</span>
        <select
          value={search.get('status') ?? ''}
          onChange={(event) => onChange(withValue(search, 'status', event.target.value))}
        >
          <option value="">{text.anyStatus}</option>
          {STATUSES.map((status) => (
            <option key={status} value={status}>
              {strings.status[status]}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        <span>{text.faces}</span>
        <select
          value={faceChoice(search)}
          onChange={(event) => onChange(withFaces(search, event.target.value as FaceChoice))}
        >
          {FACES.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <fieldset className="field dates">
        <legend>{text.finished}</legend>
        {(['from', 'to'] as const).map((bound) => (
          <input
            key={bound}
            type="date"
            aria-label={bound === 'from' ? text.from : text.to}
            title={bound === 'from' ? text.from : text.to}
            value={search.get(bound)?.slice(0, 10) ?? ''}
            onChange={(event) => onChange(withValue(search, bound, event.target.value), true)}
          />
        ))}
      </fieldset>
    </div>
  );
}

interface FilterBarProps extends FilterProps {
  /** How many filters are set besides the search. */
  set: number;
  /** Beside the search, in the one row. */
  tools: ReactNode;
  /** Below the fields, folded with them. */
  children: ReactNode;
}

/** One row: the search, and what unfolds the rest. */
export function FilterBar({ search, onChange, set, tools, children }: FilterBarProps) {
  const [open, setOpen] = useState(() => stored(OPEN_KEY, ['open', 'closed'], 'closed') === 'open');
  const fold = () => {
    store(OPEN_KEY, open ? 'closed' : 'open');
    setOpen(!open);
  };
  return (
    <>
      <div className="filter-bar">
        <SearchBox search={search} onChange={onChange} />
        <button type="button" className="button filters-toggle" aria-expanded={open} onClick={fold}>
          <Icon name="filter" />
          <span className="button-word">{text.filters}</span>
          {set > 0 && <span className="badge">{set}</span>}
        </button>
        {tools}
      </div>
      {open && (
        <div className="filter-panel">
          <Fields search={search} onChange={onChange} />
          {children}
        </div>
      )}
    </>
  );
}
