import { useState } from 'react';
import type { Enquiry } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { send } from '../../live/client.ts';
import { notify } from '../../live/notices.ts';
import { go, href } from '../../live/router.ts';
import { useNewId } from '../../live/use-new-id.ts';
import { useShown } from '../../live/use-shown.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { strings } from '../../strings.ts';
import { addPhotographs, isTaken } from './add-photographs.ts';
import { FactsFields, isIncomplete, NO_FACTS } from './facts-fields.tsx';
import { PhotographFields } from './photograph-fields.tsx';

const text = strings.enquiries;

/** A new enquiry: why it is lawful, and the photographs that there are. */
export function OpenDialog({ onClose }: { onClose(): void }) {
  const [facts, setFacts] = useState(NO_FACTS);
  const [files, setFiles] = useState<readonly File[]>([]);
  const [taken, setTaken] = useState('');
  const shown = useShown();
  const newId = useNewId();
  const incomplete = isIncomplete(facts) || !isTaken(taken);

  const open = async (): Promise<Enquiry> => {
    const { expires, minor, owner: _, ...said } = facts;
    const known = Object.entries(said).filter(([, value]) => value.trim() !== '');
    const enquiry = await send<Enquiry>('POST', routes.enquiries, {
      id: newId.of(),
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
      onDone={({ id: opened }) => {
        if (shown()) go(href(['enquiries', opened]));
        else notify(text.saved);
      }}
      onClose={onClose}
    >
      <PhotographFields taken={taken} onFiles={setFiles} onTaken={setTaken} />
      <FactsFields facts={facts} without={['owner']} onChange={setFacts} />
    </AskDialog>
  );
}
