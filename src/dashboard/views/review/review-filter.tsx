import type { BatchPage, PersonPage } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { useStamp } from '../../live/live.ts';
import { href } from '../../live/router.ts';
import { useResource } from '../../live/use-resource.ts';
import type { Zoom } from '../../parts/face-view.ts';
import { ZoomButtons } from '../../parts/zoom-buttons.tsx';
import { strings } from '../../strings.ts';
import { personLabels } from '../people/person-label.ts';

const text = strings.review;

interface ReviewFilterBarProps {
  search: URLSearchParams;
  copies: number;
  copiesOnly: boolean;
  photographs: boolean;
  zoom: Zoom;
  onChange(next: URLSearchParams): void;
  onPhotographs(): void;
  onZoom(): void;
}

/** Whose pairs are looked at, and how. */
export function ReviewFilterBar(props: ReviewFilterBarProps) {
  const { search, copies, copiesOnly, photographs, zoom, onChange, onPhotographs, onZoom } = props;
  const batches = useResource<BatchPage>(`${routes.batches}?limit=500`, useStamp());
  const people = useResource<PersonPage>(`${routes.people}?limit=100`, useStamp());
  const batch = search.get('batch') ?? '';
  const person = search.get('person') ?? '';
  const persons = personLabels(
    (people.data?.people ?? []).filter(({ id, fullName }) => fullName !== null || id === person),
  );
  const isListed = person === '' || persons.some(({ id }) => id === person);
  const names = batches.data?.batches.map(({ batchId }) => batchId) ?? [];
  const withValue = (name: string, value: string) => {
    const next = new URLSearchParams(search);
    if (value === '') next.delete(name);
    else next.set(name, value);
    onChange(next);
  };
  return (
    <div className="review-filter">
      <label>
        <span className="visually-hidden">{strings.images.batch}</span>
        <select value={batch} onChange={({ target }) => withValue('batch', target.value)}>
          <option value="">{strings.images.anyBatch}</option>
          {[...new Set(batch === '' ? names : [batch, ...names])].map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      {(persons.length > 0 || person !== '') && (
        <label>
          <span className="visually-hidden">{text.person}</span>
          <select value={person} onChange={({ target }) => withValue('person', target.value)}>
            <option value="">{text.anyPerson}</option>
            {!isListed && <option value={person}>{text.thisPerson}</option>}
            {persons.map(({ id, label }) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
            {people.data?.next != null && <option disabled>{text.morePeople}</option>}
          </select>
        </label>
      )}
      <ZoomButtons photographs={photographs} zoom={zoom} onPhotographs={onPhotographs} onZoom={onZoom} />
      {(copies > 0 || copiesOnly) && (
        <button
          type="button"
          className="link"
          title={text.copiesMeans}
          aria-pressed={copiesOnly}
          onClick={() => withValue('copies', copiesOnly ? '' : 'only')}
        >
          {copiesOnly ? text.withoutCopies : text.copies(copies)}
        </button>
      )}
      <a className="link" href={href(['calibration'])} title={strings.calibration.intro}>
        {strings.nav.calibration}
      </a>
    </div>
  );
}
