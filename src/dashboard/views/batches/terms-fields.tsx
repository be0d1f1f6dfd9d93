import { useId } from 'react';
import type { BatchConsent } from '../../../api/contract.ts';
import { useMay } from '../../live/me.ts';
import { strings } from '../../strings.ts';

/** Terms as they are typed: empty where nothing is said. */
export interface Terms {
  purpose: string;
  legalBasis: string;
  /** A day, `2026-11-30`. */
  expires: string;
  doNotMatch: boolean;
}

export const NO_TERMS: Terms = { purpose: '', legalBasis: '', expires: '', doNotMatch: false };

export const termsOf = (settings: BatchConsent | null | undefined): Terms => ({
  purpose: settings?.purpose ?? '',
  legalBasis: settings?.legalBasis ?? '',
  expires: settings?.expires?.slice(0, 10) ?? '',
  doNotMatch: settings?.doNotMatch ?? false,
});

/** What differs, as the API takes it: what is absent stays as it is. */
export function changeOf(before: Terms, after: Terms): Record<string, string | boolean | null> {
  const change: Record<string, string | boolean | null> = {};
  for (const name of ['purpose', 'legalBasis', 'expires'] as const) {
    const [was, is] = [before[name].trim(), after[name].trim()];
    if (was !== is) change[name] = is === '' ? null : is;
  }
  if (before.doNotMatch !== after.doNotMatch) change.doNotMatch = after.doNotMatch;
  return change;
}

/** What was touched of a form, beside what was touched before: the rest follows what the batch has by then. */
export const touched = (shown: Terms, changed: Terms, before: Partial<Terms> = {}): Partial<Terms> => ({
  ...before,
  ...Object.fromEntries(
    Object.entries(changed).filter(([name, value]) => value !== shown[name as keyof Terms]),
  ),
});

const today = (): string => new Date().toISOString().slice(0, 10);
export const isPast = ({ expires }: Pick<Terms, 'expires'>): boolean => expires !== '' && expires <= today();

interface TermsFieldsProps {
  terms: Terms;
  onChange(terms: Terms): void;
}

const text = strings.terms;

export function TermsFields({ terms, onChange }: TermsFieldsProps) {
  const administrator = useMay('administrator');
  const id = useId();
  const set = (part: Partial<Terms>) => onChange({ ...terms, ...part });
  return (
    <div className="terms-fields">
      {(['purpose', 'legalBasis'] as const).map((name) => (
        <div key={name} className="field">
          <label htmlFor={`${id}-${name}`}>{text[name]}</label>
          <input
            id={`${id}-${name}`}
            type="text"
            maxLength={200}
            value={terms[name]}
            aria-describedby={`${id}-${name}-hint`}
            onChange={({ target }) => set({ [name]: target.value })}
          />
          <span className="hint" id={`${id}-${name}-hint`}>
            {text[`${name}Hint`]}
          </span>
        </div>
      ))}
      <div className="field">
        <label htmlFor={`${id}-expires`}>{text.expires}</label>
        <input
          id={`${id}-expires`}
          type="date"
          disabled={!administrator}
          value={terms.expires}
          aria-describedby={`${id}-expires-hint`}
          onChange={({ target }) => set({ expires: target.value })}
        />
        <span className="hint" id={`${id}-expires-hint`}>
          {isPast(terms) ? <strong className="problem">{text.past}</strong> : text.expiresHint}
        </span>
      </div>
      <label className="check-field">
        <input
          type="checkbox"
          checked={terms.doNotMatch}
          onChange={({ target }) => set({ doNotMatch: target.checked })}
        />
        <span>
          {text.doNotMatch}
          <span className="hint">{text.doNotMatchHint}</span>
        </span>
      </label>
    </div>
  );
}
