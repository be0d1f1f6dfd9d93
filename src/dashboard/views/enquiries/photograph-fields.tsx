import { useId } from 'react';
import { strings } from '../../strings.ts';
import { isTaken } from './add-photographs.ts';

interface PhotographFieldsProps {
  taken: string;
  onFiles(files: readonly File[]): void;
  onTaken(taken: string): void;
}

const text = strings.enquiries;

/** Which photographs, and when they were taken. */
export function PhotographFields({ taken, onFiles, onTaken }: PhotographFieldsProps) {
  const id = useId();
  return (
    <>
      <div className="field">
        <label htmlFor={`${id}-files`}>{text.photographs}</label>
        <input
          id={`${id}-files`}
          type="file"
          multiple
          accept="image/*"
          aria-describedby={`${id}-files-hint`}
          onChange={({ target }) => onFiles([...(target.files ?? [])])}
        />
        <span className="hint" id={`${id}-files-hint`}>
          {text.photographsHint}
        </span>
      </div>
      <div className="field">
        <label htmlFor={`${id}-taken`}>{text.taken}</label>
        <input
          id={`${id}-taken`}
          type="text"
          inputMode="numeric"
          maxLength={10}
          value={taken}
          aria-describedby={`${id}-taken-hint`}
          onChange={({ target }) => onTaken(target.value)}
        />
        <span className="hint" id={`${id}-taken-hint`}>
          {isTaken(taken) ? text.takenHint : <strong className="problem">{text.takenWrong}</strong>}
        </span>
      </div>
    </>
  );
}
