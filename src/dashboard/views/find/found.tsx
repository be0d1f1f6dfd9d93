import { useState } from 'react';
import type { FaceSearchAnswer } from '../../../api/contract.ts';
import { Confidence, Crop, worthText } from '../../parts/face-pair.tsx';
import { FacePhotograph } from '../../parts/face-photograph.tsx';
import { placeIn } from '../../parts/place-in.ts';
import { strings } from '../../strings.ts';

const text = strings.find;

interface FoundProps {
  photograph: string;
  answer: FaceSearchAnswer;
  /** The image here that the face was taken from: it would be found first, and is nobody's question. */
  own: string | undefined;
}

type Face = FaceSearchAnswer['faces'][number];

/** That nothing was found is said only of a face that could be looked for. */
function headOf({ compared, matches, more }: Face): string {
  if (!compared) return text.notCompared;
  if (matches.length === 0) return text.none;
  return more ? text.foundMore(matches.length) : text.found(matches.length);
}

/** How many were found, for the eyes; nothing where nobody looked. */
const countOf = ({ compared, matches, more }: Face): string =>
  compared ? `${matches.length}${more ? '+' : ''}` : '–';

const labelOf = (face: Face, index: number): string =>
  face.compared ? strings.image.faceLabel(index + 1, face.matches.length) : text.faceNotCompared(index + 1);

/** The chosen photograph with its faces, and who may be the one that is pointed at. */
export function Found({ photograph, answer, own }: FoundProps) {
  const { width, height, notSearched } = answer;
  const faces = answer.faces.map((face) => ({
    ...face,
    matches: face.matches.filter(({ other }) => other.imageId !== own),
  }));
  const [chosen, setChosen] = useState(0);
  const face = faces[chosen];
  return (
    <div className="found">
      <section aria-label={text.yours}>
        <div className="picture-mount">
          <div
            className="picture-frame"
            style={{ aspectRatio: `${width} / ${height}`, inlineSize: `min(100%, 60vh * ${width / height})` }}
          >
            <img src={photograph} alt={text.yours} width={width} height={height} />
            {faces.map((one, index) => (
              <button
                key={`${one.rectangle.left} ${one.rectangle.top}`}
                type="button"
                className="face-box"
                style={placeIn(one.rectangle, width, height)}
                aria-pressed={index === chosen}
                aria-label={labelOf(one, index)}
                onClick={() => setChosen(index)}
              >
                <span className="face-number">{index + 1}</span>
              </button>
            ))}
          </div>
        </div>
        {faces.length > 1 && (
          <fieldset className="chips found-faces">
            <legend>{text.faces}</legend>
            {faces.map((one, index) => (
              <button
                key={`${one.rectangle.left} ${one.rectangle.top}`}
                type="button"
                className="chip"
                aria-pressed={index === chosen}
                aria-label={labelOf(one, index)}
                onClick={() => setChosen(index)}
              >
                {strings.image.face(index + 1)}
                <span className="chip-count">{countOf(one)}</span>
              </button>
            ))}
          </fieldset>
        )}
        {notSearched > 0 && <p className="hint">{text.notSearched(notSearched)}</p>}
      </section>
      <section className="found-matches" aria-live="polite">
        {face === undefined ? (
          <p>{text.noFaces}</p>
        ) : (
          <>
            <h2>{headOf(face)}</h2>
            <p className="hint">
              {face.quality !== null && text.quality(face.quality)}{' '}
              {face.compared && face.matches.length === 0 && text.noneHint}
            </p>
            {face.matches[0] !== undefined && <p className="hint">{worthText(face.matches[0].worth)}</p>}
            <ul className="match-list">
              {face.matches.map(({ other, confidence, margin }) => (
                <li key={other.face} className="match-card">
                  <FacePhotograph place={other} />
                  <div className="pair-faces">
                    <Crop place={other} />
                    <Confidence confidence={confidence} margin={margin} />
                  </div>
                </li>
              ))}
            </ul>
          </>
        )}
      </section>
    </div>
  );
}
