import { useState } from 'react';
import type { CandidateDetail } from '../../../api/contract.ts';
import { useKeys } from '../../live/keys.ts';
import { isMirrored } from '../../live/mirrored.ts';
import { FaceClose } from '../../parts/face-close.tsx';
import { FaceCrop } from '../../parts/face-crop.tsx';
import { FacePhotograph } from '../../parts/face-photograph.tsx';
import { ZOOMS, type Zoom } from '../../parts/face-view.ts';
import { photographName, readable } from '../../parts/photograph-name.ts';
import { ZoomButtons } from '../../parts/zoom-buttons.tsx';
import { strings } from '../../strings.ts';

const text = strings.candidate;
const review = strings.review;

type Face = CandidateDetail['group'][number];

interface StripProps {
  title: string;
  faces: readonly Face[];
  chosen: string | undefined;
  unlike?: readonly string[];
  onChoose(face: string): void;
}

function Strip({ title, faces, chosen, unlike = [], onChoose }: StripProps) {
  return (
    <div className="face-strip">
      <h3>{title}</h3>
      <ul>
        {faces.map((one, index) => (
          <li key={one.face}>
            <button type="button" aria-pressed={one.face === chosen} onClick={() => onChoose(one.face)}>
              <FaceCrop face={one.face} alt={text.faceOf(index + 1, photographName(one))} />
            </button>
            {unlike.includes(one.face) && <span className="hint">{text.unlike}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Known({ face }: { face: Face }) {
  const known = [
    face.quality !== null && text.quality(face.quality),
    face.taken !== null && strings.enquiries.takenOn(face.taken),
  ].filter((part) => part !== false);
  return known.length === 0 ? null : <p className="hint">{known.join(', ')}</p>;
}

/** The two faces that are looked at now; undefined where one of them is gone. */
interface Looked {
  own: Face | undefined;
  other: Face | undefined;
  chooseOwn(face: string): void;
  chooseOther(face: string): void;
}

/** Begins with the pair that speaks most for it, where the reader may know which that is. */
export function useLooked(candidate: CandidateDetail): Looked {
  const { own, group, ownFace, bestFace } = candidate;
  const [chosen, setChosen] = useState<{ own?: string; other?: string }>({});
  return {
    own: own.find(({ face }) => face === (chosen.own ?? ownFace)) ?? own[0],
    other: group.find(({ face }) => face === (chosen.other ?? bestFace)) ?? group[0],
    chooseOwn: (face) => setChosen({ ...chosen, own: face }),
    chooseOther: (face) => setChosen({ ...chosen, other: face }),
  };
}

interface CandidateFacesProps {
  candidate: CandidateDetail;
  looked: Looked;
}

/** A face of the enquiry beside one of the candidate, both large, and all the others to choose from. */
export function CandidateFaces({ candidate, looked }: CandidateFacesProps) {
  const { group, own, unlike, blind } = candidate;
  const [photographs, setPhotographs] = useState(false);
  const [zoom, setZoom] = useState<Zoom>('near');
  const nextZoom = () => setZoom(ZOOMS[(ZOOMS.indexOf(zoom) + 1) % ZOOMS.length] ?? 'near');
  const step = (by: number) => {
    const at = group.findIndex(({ face }) => face === looked.other?.face);
    const next = group[(at + by + group.length) % group.length];
    if (next !== undefined) looked.chooseOther(next.face);
  };
  useKeys(text.title, [
    { keys: ['ArrowRight'], does: text.keys.other, run: () => step(isMirrored() ? -1 : 1) },
    { keys: ['ArrowLeft'], does: text.keys.before, run: () => step(isMirrored() ? 1 : -1) },
    { keys: ['p'], does: review.photographs, run: () => setPhotographs(!photographs) },
    { keys: ['z'], does: review.zoom, run: nextZoom },
  ]);
  const sides = [
    { title: text.sought, face: looked.own },
    { title: text.found, face: looked.other },
  ];
  return (
    <div className="candidate-faces">
      <div className="review-filter">
        <ZoomButtons
          photographs={photographs}
          zoom={zoom}
          onPhotographs={() => setPhotographs(!photographs)}
          onZoom={nextZoom}
        />
      </div>
      <div className="candidate-sides">
        {sides.map(({ title, face }) => (
          <div key={title}>
            <h2>{title}</h2>
            {face !== undefined && (
              <>
                {photographs ? (
                  <FacePhotograph place={readable(face)} />
                ) : (
                  <FaceClose place={readable(face)} zoom={zoom} />
                )}
                <Known face={face} />
              </>
            )}
          </div>
        ))}
      </div>
      {own.length > 1 && (
        <Strip title={text.facesOfSought} faces={own} chosen={looked.own?.face} onChoose={looked.chooseOwn} />
      )}
      {group.length > 1 && (
        <Strip
          title={text.facesOfFound}
          faces={group}
          chosen={looked.other?.face}
          // How alike the machine finds them is what whoever looks a second time must not know.
          unlike={blind ? [] : unlike}
          onChoose={looked.chooseOther}
        />
      )}
    </div>
  );
}
