import { useId, useState } from 'react';
import type { Enquiry } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { send } from '../../live/client.ts';
import { notify } from '../../live/notices.ts';
import { go, href } from '../../live/router.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { strings } from '../../strings.ts';
import { addPhotographs, isTaken } from './add-photographs.ts';
import { PhotographFields } from './photograph-fields.tsx';

const text = strings.enquiries;

const FIELDS = [
  { name: 'purpose', most: 200, hint: text.purposeHint, required: true },
  { name: 'legalBasis', most: 200, hint: text.legalBasisHint, required: true },
  { name: 'caseReference', most: 200, hint: text.caseReferenceHint, required: false },
  { name: 'relation', most: 100, hint: text.relationHint, required: false },
  { name: 'office', most: 200, hint: undefined, required: false },
] as const;

type Said = Record<(typeof FIELDS)[number]['name'], string>;
const NOTHING: Said = { purpose: '', legalBasis: '', caseReference: '', relation: '', office: '' };

/** A new enquiry: why it is lawful, and the photographs that there are. */
export function OpenDialog({ onClose }: { onClose(): void }) {
  const id = useId();
  const [said, setSaid] = useState(NOTHING);
  const [expires, setExpires] = useState('');
  const [minor, setMinor] = useState(true);
  const [files, setFiles] = useState<readonly File[]>([]);
  const [taken, setTaken] = useState('');
  const incomplete = said.purpose.trim() === '' || said.legalBasis.trim() === '' || !isTaken(taken);

  const open = async (): Promise<Enquiry> => {
    const known = Object.entries(said).filter(([, value]) => value.trim() !== '');
    const enquiry = await send<Enquiry>('POST', routes.enquiries, {
      ...Object.fromEntries(known),
      minor,
      ...(expires !== '' && { expires: `${expires}T00:00:00Z` }),
    });
    if (enquiry === undefined) throw new Error(strings.common.somethingWrong);
    try {
      if (files.length > 0) await addPhotographs(enquiry.id, files, taken);
    } catch (problem) {
      // The enquiry is there: its own page is where photographs are added again.
      notify((problem as Error).message, 'error');
    }
    return enquiry;
  };
  return (
    <AskDialog
      title={text.open}
      go={text.save}
      incomplete={incomplete}
      does={open}
      onDone={({ id: opened }) => go(href(['enquiries', opened]))}
      onClose={onClose}
    >
      <PhotographFields taken={taken} onFiles={setFiles} onTaken={setTaken} />
      {FIELDS.map(({ name, most, hint, required }) => (
        <div key={name} className="field">
          <label htmlFor={`${id}-${name}`}>{text[name]}</label>
          <input
            id={`${id}-${name}`}
            type="text"
            maxLength={most}
            required={required}
            value={said[name]}
            aria-describedby={hint === undefined ? undefined : `${id}-${name}-hint`}
            onChange={({ target }) => setSaid({ ...said, [name]: target.value })}
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
          value={expires}
          aria-describedby={`${id}-expires-hint`}
          onChange={({ target }) => setExpires(target.value)}
        />
        <span className="hint" id={`${id}-expires-hint`}>
          {text.expiresHint}
        </span>
      </div>
      <label className="check-field">
        <input type="checkbox" checked={minor} onChange={({ target }) => setMinor(target.checked)} />
        <span>
          {text.minorField}
          <span className="hint">{text.minorHint}</span>
        </span>
      </label>
    </AskDialog>
  );
}
