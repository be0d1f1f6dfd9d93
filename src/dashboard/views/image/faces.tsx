import type { ImageDetail, ImageResultView } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { Icon } from '../../parts/icon.tsx';
import { strings } from '../../strings.ts';
import { findHref } from './face-matches.tsx';
import { NotLooked } from './not-looked.tsx';

interface FacesProps {
  image: ImageDetail;
  result: ImageResultView;
  face: string | undefined;
  onFace(face: string | undefined): void;
  onChange(): void;
}

const text = strings.image;

/** The faces, cut out; choosing one marks it in the picture, and the other way round. */
export function Faces({ image, result, face, onFace, onChange }: FacesProps) {
  const { faces, lookedFor } = result;
  // Of a face that nobody compared it cannot be said that it is too small to be.
  const judged = ['looked', 'nothingToCompare'].includes(lookedFor.matches.state);
  return (
    <section>
      <h2>{text.faces}</h2>
      {faces.length === 0 && lookedFor.faces.state === 'looked' && <p className="hint">{text.noFaces}</p>}
      <NotLooked image={image} finding="faces" looked={lookedFor.faces} onChange={onChange} />
      {faces.length > 1 && face === undefined && <p className="hint">{text.chooseFace}</p>}
      <ul className="crops" data-many={faces.length > 6 || undefined}>
        {faces.map((one, index) => (
          <li key={one.key}>
            <button
              type="button"
              aria-pressed={face === one.key}
              onClick={() => onFace(face === one.key ? undefined : one.key)}
            >
              {one.hasCrop ? (
                <img src={routes.faceCrop(one.key)} alt={text.face(index + 1)} loading="lazy" />
              ) : (
                <span className="crop none">{text.face(index + 1)}</span>
              )}
            </button>
            <span className="hint">
              <strong>{text.face(index + 1)}</strong>{' '}
              {[
                one.quality !== null && text.quality(one.quality),
                one.enrolled ? text.enrolled : judged ? text.notEnrolled : text.notCompared,
              ]
                .filter((part) => part !== false)
                .join(', ')}
            </span>
            <a
              className="find-face"
              href={findHref(image.id, one.key)}
              aria-label={text.findFaceLabel(index + 1)}
            >
              <Icon name="find" />
              <span className="button-word">{text.findFace}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
