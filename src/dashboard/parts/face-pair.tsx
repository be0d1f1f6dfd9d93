import type { MatchWorthView } from '../../api/contract.ts';
import { routes } from '../../api/routes.ts';
import { confidenceText, leadOf, likenessOf } from '../../domain/match-worth.ts';
import { imageHref } from '../live/router.ts';
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
  /** Absent where it is said once for several. */
  worth?: MatchWorthView;
}

interface FacePairProps extends ConfidenceProps {
  a: PairedFace;
  b: PairedFace;
  /** Without the photographs. */
  compact?: boolean;
}

export function Crop({ place }: { place: PairedFace }) {
  if (!place.hasCrop) return <span className="crop none" />;
  return <img className="crop" src={routes.faceCrop(place.face)} alt={strings.match.faceIn(place.name)} />;
}

/** What a likeness is worth in an archive of this size. */
export const worthText = ({ falseCandidates, faces }: MatchWorthView): string =>
  falseCandidates === null ? strings.match.worthUnknown : strings.match.worth(falseCandidates, faces);

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
      {worth !== undefined && <span className="hint">{worthText(worth)}</span>}
    </p>
  );
}

/** Two photographs side by side, their faces close together, and how sure the machine is: never that it is so. */
export function FacePair({ a, b, compact = false, ...words }: FacePairProps) {
  return (
    <div className="pair">
      {!compact && (
        <div className="pair-photographs">
          <FacePhotograph place={a} />
          <FacePhotograph place={b} />
        </div>
      )}
      <div className="pair-faces">
        <Crop place={a} />
        <Crop place={b} />
        <Confidence {...words} />
      </div>
      {compact && (
        <a className="pair-name" href={imageHref(b.imageId)}>
          <bdi>{b.name}</bdi>
        </a>
      )}
    </div>
  );
}
