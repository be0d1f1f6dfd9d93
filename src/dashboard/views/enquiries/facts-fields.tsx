import { useId } from 'react';
import { strings } from '../../strings.ts';
import { isPast } from '../batches/terms-fields.tsx';

const text = strings.enquiries;

const FIELDS = [
  { name: 'purpose', most: 200, hint: text.purposeHint, required: true },
  { name: 'legalBasis', most: 200, hint: text.legalBasisHint, required: true },
  { name: 'caseReference', most: 200, hint: text.caseReferenceHint, required: false },
  { name: 'relation', most: 100, hint: text.relationHint, required: false },
  { name: 'owner', most: 200, hint: undefined, required: false },
  { name: 'office', most: 200, hint: undefined, required: false },
] as const;

/** What an enquiry says of itself, as it stands in a form. */
export type Facts = Record<(typeof FIELDS)[number]['name'], string> & {
  /** YYYY-MM-DD, or nothing. */
  expires: string;
  minor: boolean;
};

export const NO_FACTS: Facts = {
  purpose: '',
  legalBasis: '',
  caseReference: '',
  relation: '',
  owner: '',
  office: '',
  expires: '',
  minor: true,
};

/**
 * Without a purpose and a ground of law nobody is searched for, and what is to be erased from a day on that has passed would
 * be gone tomorrow.
 *
 * @param before the day that was set, which may have passed
 */
export const isIncomplete = ({ purpose, legalBasis, expires }: Facts, before = ''): boolean =>
  purpose.trim() === '' || legalBasis.trim() === '' || (expires !== before && isPast({ expires }));

interface FactsFieldsProps {
  facts: Facts;
  /** Left out of a form that has no place for them. */
  without?: readonly (keyof Facts)[];
  onChange(facts: Facts): void;
}

export function FactsFields({ facts, without = [], onChange }: FactsFieldsProps) {
  const id = useId();
  return (
    <>
      {FIELDS.filter(({ name }) => !without.includes(name)).map(({ name, most, hint, required }) => (
        <div key={name} className="field">
          <label htmlFor={`${id}-${name}`}>{text[name]}</label>
          <input
            id={`${id}-${name}`}
            type="text"
            maxLength={most}
            required={required}
            value={facts[name]}
            aria-describedby={hint === undefined ? undefined : `${id}-${name}-hint`}
            onChange={({ target }) => onChange({ ...facts, [name]: target.value })}
          />
          {hint !== undefined && (
            <span className="hint" id={`${id}-${name}-hint`}>
              {hint}
            </span>
          )}
        </div>
      ))}
      <div className="field">
        <label htmlFor={`${id}-expires`}>{text.expires}</label>
        <input
          id={`${id}-expires`}
          type="date"
          value={facts.expires}
          aria-describedby={`${id}-expires-hint`}
          onChange={({ target }) => onChange({ ...facts, expires: target.value })}
        />
        <span className="hint" id={`${id}-expires-hint`}>
          {isPast(facts) ? <strong className="problem">{text.past}</strong> : text.expiresHint}
        </span>
      </div>
      <label className="check-field">
        <input
          type="checkbox"
          checked={facts.minor}
          onChange={({ target }) => onChange({ ...facts, minor: target.checked })}
        />
        <span>
          {text.minorField}
          <span className="hint">{text.minorHint}</span>
        </span>
      </label>
    </>
  );
}
