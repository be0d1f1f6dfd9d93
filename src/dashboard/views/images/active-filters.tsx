import { categoryName, day } from '../../live/format.ts';
import { strings } from '../../strings.ts';
import type { FilterProps } from './filter-bar.tsx';
import { faceChoice, toggled, withFaces, withoutStep, withValue } from './filters.ts';

const text = strings.images;

interface Active {
  key: string;
  label: string;
  without: URLSearchParams;
}

/** What is set besides the search, each with the address without it. */
export function activeFilters(search: URLSearchParams): Active[] {
  const active: Active[] = [];
  const add = (key: string, label: string, without: URLSearchParams) => active.push({ key, label, without });
  const single = (name: 'batch' | 'status' | 'warning' | 'rejectedFor' | 'from' | 'to', label: string) => {
    if (search.get(name)) add(name, label, withValue(search, name, ''));
  };
  single('batch', `${text.batch}: ${search.get('batch')}`);
  const status = search.get('status') as keyof typeof strings.status | null;
  single('status', (status && strings.status[status]) ?? '');
  const choice = faceChoice(search);
  if (choice !== 'any') {
    const words = { none: text.noFaces, one: text.oneFace, some: text.withFaces, many: text.manyFaces };
    add('faces', `${text.faces}: ${words[choice]}`, withFaces(search, 'any'));
  }
  single('from', text.fromDay(day(search.get('from') ?? '')));
  single('to', text.toDay(day(search.get('to') ?? '')));
  const step = search.get('step');
  if (step) {
    const state = search.get('stepState') === 'skipped' ? strings.pipeline.skipped : strings.pipeline.failed;
    add('step', strings.pipeline.failure(`${step} ${state}`, search.get('errorCode')), withoutStep(search));
  }
  single('warning', `${text.warning}: ${search.get('warning')}`);
  single('rejectedFor', `${strings.status.rejected}: ${search.get('rejectedFor')}`);
  for (const tag of search.getAll('tag')) add(`tag ${tag}`, tag, toggled(search, 'tag', tag));
  for (const name of search.getAll('category'))
    add(`category ${name}`, categoryName(name), toggled(search, 'category', name));
  return active;
}

/** What the list is narrowed to, in view also where the filters are folded; each can be taken away. */
export function ActiveFilters({ search, onChange }: FilterProps) {
  return activeFilters(search).map(({ key, label, without }) => (
    <button
      key={key}
      type="button"
      className="chip active-filter"
      aria-label={text.remove(label)}
      onClick={() => onChange(without)}
    >
      <bdi>{label}</bdi> <span aria-hidden="true">×</span>
    </button>
  ));
}
