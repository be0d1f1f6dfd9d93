import type { MatchWorthView } from '../../api/contract.ts';
import { routes } from '../../api/routes.ts';
import { confidenceText, leadOf, likenessOf } from '../../domain/match-worth.ts';
import { strings } from '../strings.ts';
import { type FaceInPhotograph, FacePhotograph } from './face-photograph.tsx';
import './face-pair.css';

export interface PairedFace extends FaceInPhotograph {
  face: string;
  hasCrop: boolean;
}

interface ConfidenceProps {
  confidence: number;
  /** Absent or null where nothing is known of another candidate. */
  margin?: number | null;
  worth: MatchWorthView;
}

interface FacePairProps extends ConfidenceProps {
  a: PairedFace;
  b: PairedFace;
}

export function Crop({ place }: { place: PairedFace }) {
  if (!place.hasCrop) return <span className="crop none" />;
  return <img className="crop" src={routes.faceCrop(place.face)} alt={strings.match.faceIn(place.name)} />;
}

/** In words first, then as a number, then what that is worth here; never as a fact. */
export function Confidence({ confidence, margin = null, worth }: ConfidenceProps) {
  const lead = leadOf(margin);
  const { match } = strings;
  return (
    <p className="pair-words">
      <strong>{match.possible}</strong>
      <span className="confidence">
        {match.confidence(match.words[likenessOf(confidence)], confidenceText(confidence))}
      </span>
      {lead !== 'unknown' && <span className="hint">{match.lead[lead]}</span>}
      <span className="hint">
        {worth.falseCandidates === null
          ? match.worthUnknown
          : match.worth(worth.falseCandidates, worth.faces)}
      </span>
    </p>
  );
}

/** Two photographs side by side, their faces close together, and how sure the machine is: never that it is so. */
export function FacePair({ a, b, ...words }: FacePairProps) {
  return (
    <div className="pair">
      <div className="pair-photographs">
        <FacePhotograph place={a} />
        <FacePhotograph place={b} />
      </div>
      <div className="pair-faces">
        <Crop place={a} />
        <Crop place={b} />
        <Confidence {...words} />
      </div>
    </div>
  );
}
