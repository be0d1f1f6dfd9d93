import { useState } from 'react';
import type { ImageFacets } from '../../../api/contract.ts';
import { categoryName, count } from '../../live/format.ts';
import { strings } from '../../strings.ts';
import type { FilterProps } from './filter-bar.tsx';
import { type SeveralFilter, toggled } from './filters.ts';

const FEW = 12;

interface ChipRowProps extends FilterProps {
  kind: SeveralFilter;
  label: string;
  known: ImageFacets['tags'];
}

function ChipRow({ kind, label, known, search, onChange }: ChipRowProps) {
  const [all, setAll] = useState(false);
  const chosen = search.getAll(kind);
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

interface TagChipsProps extends FilterProps {
  facets: ImageFacets | undefined;
}

/** Tags and categories of the images that fit, the most frequent first, each a switch. */
export function TagChips({ facets, ...props }: TagChipsProps) {
  const partly = facets !== undefined && facets.sampled < facets.images;
  return (
    <div className="chip-rows">
      <ChipRow kind="tag" label={strings.images.tags} known={facets?.tags ?? []} {...props} />
      <ChipRow
        kind="category"
        label={strings.images.categories}
        known={facets?.categories ?? []}
        {...props}
      />
      {partly && <p className="hint">{strings.images.sampled(facets.sampled)}</p>}
    </div>
  );
}
