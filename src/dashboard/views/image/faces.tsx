import type { ImageResultView } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { strings } from '../../strings.ts';

interface FacesProps {
  result: ImageResultView;
  face: string | undefined;
  onFace(face: string | undefined): void;
}

const text = strings.image;

/** The faces, cut out; choosing one marks it in the picture, and the other way round. */
export function Faces({ result, face, onFace }: FacesProps) {
  const { faces } = result;
  return (
    <section>
      <h2>{text.faces}</h2>
      {faces.length === 0 && <p className="hint">{text.noFaces}</p>}
      <ul className="crops">
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
                one.enrolled ? text.enrolled : text.notEnrolled,
              ]
                .filter((part) => part !== false)
                .join(', ')}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
