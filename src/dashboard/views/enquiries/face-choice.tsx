import { useId } from 'react';
import { FaceCrop } from '../../parts/face-crop.tsx';

interface FaceChoiceProps {
  title: string;
  faces: readonly { face: string; alt: string }[];
  chosen: string | undefined;
  onChoose(face: string): void;
}

/** One of several faces, by sight. */
export function FaceChoice({ title, faces, chosen, onChoose }: FaceChoiceProps) {
  const name = useId();
  return (
    <fieldset className="face-choice">
      <legend>{title}</legend>
      {faces.map(({ face, alt }) => (
        <label key={face}>
          <input
            type="radio"
            name={name}
            value={face}
            checked={face === chosen}
            onChange={() => onChoose(face)}
          />
          <FaceCrop face={face} alt={alt} />
        </label>
      ))}
    </fieldset>
  );
}
