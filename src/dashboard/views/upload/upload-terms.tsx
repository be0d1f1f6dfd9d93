import { useState } from 'react';
import type { BatchPage } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { query } from '../../live/client.ts';
import { useStamp } from '../../live/live.ts';
import { useResource } from '../../live/use-resource.ts';
import { strings } from '../../strings.ts';
import { isPast, NO_TERMS, type Terms, TermsFields, termsOf } from '../batches/terms-fields.tsx';
import '../batches/batches.css';

const text = strings.upload;

/** The terms of a batch as they are now, where it is there already. */
export function useTermsOf(batch: string): { known: boolean; terms: Terms } {
  const { data } = useResource<BatchPage>(
    batch === '' ? undefined : `${routes.batches}${query({ prefix: batch, limit: 1 })}`,
    useStamp(),
  );
  const found = data?.batches.find(({ batchId }) => batchId === batch);
  return { known: found?.settings != null, terms: found === undefined ? NO_TERMS : termsOf(found.settings) };
}

interface UploadTermsProps {
  /** Whether the batch is there, with terms of its own. */
  known: boolean;
  terms: Terms;
  onChange(terms: Terms): void;
}

/** On what terms what is uploaded may be processed: asked before anything is sent. */
export function UploadTerms({ known, terms, onChange }: UploadTermsProps) {
  const empty = terms.purpose.trim() === '' && terms.legalBasis.trim() === '';
  const [open, setOpen] = useState(true);
  return (
    <details
      className="upload-terms"
      open={open}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>
        <strong>{text.terms}</strong>{' '}
        <span className="hint">
          {isPast(terms)
            ? strings.terms.past
            : known
              ? text.termsKnown
              : empty
                ? text.termsEmpty
                : terms.purpose}
        </span>
      </summary>
      <TermsFields terms={terms} onChange={onChange} />
    </details>
  );
}
