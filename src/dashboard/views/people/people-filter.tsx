import type { BatchPage } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { useStamp } from '../../live/live.ts';
import { go, href } from '../../live/router.ts';
import { useResource } from '../../live/use-resource.ts';
import { Icon } from '../../parts/icon.tsx';
import { strings } from '../../strings.ts';

const text = strings.people;

/** What the groups are looked at by; all of it stands in the address. */
export function PeopleFilter({ search }: { search: URLSearchParams }) {
  const batches = useResource<BatchPage>(`${routes.batches}?limit=500`, useStamp());
  const batch = search.get('batch') ?? '';
  const names = batches.data?.batches.map(({ batchId }) => batchId) ?? [];
  const hidden = search.get('hidden') === 'true';
  // Persons stand in no batch, and are all persons: what narrows the groups down does not hold for them.
  const isList = hidden || (search.get('name') ?? '') !== '';
  const change = (name: string, value: string) => {
    const next = new URLSearchParams(search);
    if (value === '') next.delete(name);
    else next.set(name, value);
    go(href(['people'], next), true);
  };
  return (
    <div className="people-filter">
      <div className="search-box">
        <Icon name="search" />
        <input
          type="search"
          aria-label={text.search}
          placeholder={text.search}
          value={search.get('name') ?? ''}
          onChange={({ target }) => change('name', target.value)}
        />
      </div>
      <label>
        <span className="visually-hidden">{text.batch}</span>
        <select value={batch} disabled={isList} onChange={({ target }) => change('batch', target.value)}>
          <option value="">{text.whole}</option>
          {[...new Set(batch === '' ? names : [batch, ...names])].map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        <span className="visually-hidden">{text.show}</span>
        <select
          value={search.get('show') ?? ''}
          disabled={isList}
          onChange={({ target }) => change('show', target.value)}
        >
          <option value="">{text.shows.all}</option>
          {(['named', 'unnamed', 'contested'] as const).map((one) => (
            <option key={one} value={one}>
              {text.shows[one]}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        className="link"
        aria-pressed={hidden}
        onClick={() => change('hidden', hidden ? '' : 'true')}
      >
        {hidden ? text.notHidden : text.hiddenOnes}
      </button>
    </div>
  );
}
