import { useState } from 'react';
import type { Enquiry, EnquiryDetail } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { send } from '../../live/client.ts';
import { notify } from '../../live/notices.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { strings } from '../../strings.ts';
import { type Facts, FactsFields, isIncomplete, NO_FACTS } from './facts-fields.tsx';

const text = strings.enquiries;

function factsOf(enquiry: EnquiryDetail): Facts {
  const { purpose, legalBasis, caseReference, relation, owner, office, expires, minor } = enquiry;
  const known = { caseReference, relation, owner, office, expires: expires?.slice(0, 10) ?? null };
  const given = Object.entries(known).filter(([, value]) => value !== null);
  return { ...NO_FACTS, ...Object.fromEntries(given), purpose, legalBasis, minor };
}

interface FactsDialogProps {
  enquiry: EnquiryDetail;
  onClose(): void;
  onChange(): void;
}

/** Changes what an enquiry says of itself; only what is another now is sent, and not over a change of somebody else. */
export function FactsDialog({ enquiry, onClose, onChange }: FactsDialogProps) {
  const before = factsOf(enquiry);
  const [facts, setFacts] = useState(before);
  const save = () => {
    const changed = Object.entries(facts).filter(([name, value]) => value !== before[name as keyof Facts]);
    const values = changed.map(([name, value]) => {
      if (typeof value === 'boolean') return [name, value];
      if (value.trim() === '') return [name, null];
      return [name, name === 'expires' ? `${value}T00:00:00Z` : value.trim()];
    });
    return send<Enquiry>('PUT', routes.enquiry(enquiry.id), {
      ...Object.fromEntries(values),
      version: enquiry.version,
    });
  };
  return (
    <AskDialog
      title={text.changeFacts}
      go={text.saveFacts}
      incomplete={isIncomplete(facts, before.expires)}
      does={save}
      onDone={() => {
        notify(text.saved);
        onChange();
      }}
      onClose={onClose}
    >
      <FactsFields facts={facts} onChange={setFacts} />
    </AskDialog>
  );
}
