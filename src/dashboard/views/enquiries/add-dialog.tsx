import { useState } from 'react';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { strings } from '../../strings.ts';
import { addPhotographs, isTaken } from './add-photographs.ts';
import { PhotographFields } from './photograph-fields.tsx';

const text = strings.enquiries;

interface AddDialogProps {
  enquiry: string;
  onClose(): void;
  onAdded(): void;
}

/** More photographs of who is sought. */
export function AddDialog({ enquiry, onClose, onAdded }: AddDialogProps) {
  const [files, setFiles] = useState<readonly File[]>([]);
  const [taken, setTaken] = useState('');
  return (
    <AskDialog
      title={text.addPhotographs}
      go={text.addPhotographs}
      incomplete={files.length === 0 || !isTaken(taken)}
      does={() => addPhotographs(enquiry, files, taken)}
      onDone={onAdded}
      onClose={onClose}
    >
      <PhotographFields taken={taken} onFiles={setFiles} onTaken={setTaken} />
    </AskDialog>
  );
}
