import { useState } from 'react';
import type { TagList } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { categoryName, count } from '../../live/format.ts';
import { useStamp } from '../../live/live.ts';
import { useResource } from '../../live/use-resource.ts';
import { strings } from '../../strings.ts';
import type { FilterProps } from './filter-bar.tsx';
import { type SeveralFilter, toggled, withoutStep, withValue } from './filters.ts';

const text = strings.pipeline;
const FEW = 12;

interface ChipRowProps extends FilterProps {
  kind: SeveralFilter;
  label: string;
}

function ChipRow({ kind, label, search, onChange }: ChipRowProps) {
  const [all, setAll] = useState(false);
  const { data } = useResource<TagList>(`${routes.tags}?kind=${kind}&limit=80`, useStamp());
  const chosen = search.getAll(kind);
  const known = data?.tags ?? [];
  const missing = chosen.filter((name) => !known.some((tag) => tag.name === name));
  const shown = [
    ...missing.map((name) => ({ name, images: undefined })),
    ...known.filter((tag, index) => all || index < FEW || chosen.includes(tag.name)),
  ];
  if (shown.length === 0) return null;
  return (
    <fieldset className="chips">
      <legend>{label}</legend>
      {shown.map(({ name, images }) => (
        <button
          key={name}
          type="button"
          className="chip"
          aria-pressed={chosen.includes(name)}
          onClick={() => onChange(toggled(search, kind, name))}
        >
          {kind === 'category' ? categoryName(name) : name}
          {images !== undefined && <span className="chip-count">{count(images)}</span>}
        </button>
      ))}
      {known.length > FEW && (
        <button type="button" className="link" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? strings.images.fewerTags : strings.images.allTags}
        </button>
      )}
    </fieldset>
  );
}

/** The failure whose images are asked for: a link of the pipeline's view brings it. */
function FailureChip({ search, onChange }: FilterProps) {
  const step = search.get('step') ?? '';
  if (step === '') return null;
  const state = search.get('stepState') === 'skipped' ? text.skipped : text.failed;
  const code = search.get('errorCode');
  const name = text.failure(`${step} ${state}`, code);
  return (
    <fieldset className="chips">
      <legend>{strings.images.failure}</legend>
      <button
        type="button"
        className="chip"
        aria-pressed="true"
        aria-label={strings.images.remove(name)}
        onClick={() => onChange(withoutStep(search))}
      >
        {name} <span aria-hidden="true">×</span>
      </button>
    </fieldset>
  );
}

/** The warning whose images are asked for: a link of an image's page brings it. */
function WarningChip({ search, onChange }: FilterProps) {
  const code = search.get('warning') ?? '';
  if (code === '') return null;
  return (
    <fieldset className="chips">
      <legend>{strings.images.warning}</legend>
      <button
        type="button"
        className="chip"
        aria-pressed="true"
        aria-label={strings.images.remove(code)}
        onClick={() => onChange(withValue(search, 'warning', ''))}
      >
        {code} <span aria-hidden="true">×</span>
      </button>
    </fieldset>
  );
}

/** Tags and categories of 2017's results page: those that occur most, each a switch. */
export function TagChips(props: FilterProps) {
  return (
    <div className="chip-rows">
      <FailureChip {...props} />
      <WarningChip {...props} />
      <ChipRow kind="tag" label={strings.images.tags} {...props} />
      <ChipRow kind="category" label={strings.images.categories} {...props} />
    </div>
  );
}
