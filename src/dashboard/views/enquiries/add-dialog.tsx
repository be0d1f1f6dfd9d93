import { useState } from 'react';
import { Dialog } from '../../parts/dialog.tsx';
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
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const incomplete = files.length === 0 || !isTaken(taken);
  const add = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await addPhotographs(enquiry, files, taken);
      onAdded();
      onClose();
    } catch (problem) {
      setError((problem as Error).message);
      setBusy(false);
    }
  };
  return (
    <Dialog title={text.addPhotographs} onClose={onClose}>
      {error !== undefined && (
        <p className="problem" role="alert">
          {error}
        </p>
      )}
      <form
        className="terms-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!incomplete && !busy) void add();
        }}
      >
        <PhotographFields taken={taken} onFiles={setFiles} onTaken={setTaken} />
        <div className="dialog-actions">
          <button type="button" className="button quiet" onClick={onClose}>
            {strings.common.cancel}
          </button>
          <button type="submit" className="button primary" disabled={incomplete || busy}>
            {text.addPhotographs}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
