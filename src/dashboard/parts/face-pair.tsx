import { routes } from '../../api/routes.ts';
import { confidenceWords, percent } from '../live/format.ts';
import { strings } from '../strings.ts';
import { type FaceInPhotograph, FacePhotograph } from './face-photograph.tsx';
import './face-pair.css';

export interface PairedFace extends FaceInPhotograph {
  face: string;
  hasCrop: boolean;
}

interface ConfidenceProps {
  confidence: number;
  /** Absent where it is not known here, null where there was no other candidate. */
  margin?: number | null;
}

interface FacePairProps extends ConfidenceProps {
  a: PairedFace;
  b: PairedFace;
}

export function Crop({ place }: { place: PairedFace }) {
  if (!place.hasCrop) return <span className="crop none" />;
  return <img className="crop" src={routes.faceCrop(place.face)} alt={strings.match.faceIn(place.name)} />;
}

/** In words and as a number, and never as a fact. */
export function Confidence({ confidence, margin }: ConfidenceProps) {
  return (
    <p className="pair-words">
      <strong>{strings.match.possible}</strong>
      <span className="confidence">
        <meter min={0} max={1} value={confidence} aria-hidden="true" />
        {strings.match.confidence(confidenceWords(confidence), percent(confidence))}
      </span>
      {margin !== undefined && (
        <span className="hint">
          {margin === null ? strings.match.noMargin : strings.match.margin(percent(margin))}
        </span>
      )}
    </p>
  );
}

/** Two photographs side by side, their faces close together, and how sure the machine is: never that it is so. */
export function FacePair({ a, b, confidence, margin }: FacePairProps) {
  return (
    <div className="pair">
      <div className="pair-photographs">
        <FacePhotograph place={a} />
        <FacePhotograph place={b} />
      </div>
      <div className="pair-faces">
        <Crop place={a} />
        <Crop place={b} />
        <Confidence confidence={confidence} {...(margin !== undefined && { margin })} />
      </div>
    </div>
  );
}
