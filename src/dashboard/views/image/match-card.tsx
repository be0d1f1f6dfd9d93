import { useState } from 'react';
import type { ImageDetail, ImageResultView, Match, Verdict } from '../../../api/contract.ts';
import { decide } from '../../live/decide.ts';
import { ago } from '../../live/format.ts';
import { useMay } from '../../live/me.ts';
import { useAct } from '../../live/use-act.ts';
import { FacePair, type PairedFace } from '../../parts/face-pair.tsx';
import { strings } from '../../strings.ts';

interface MatchCardProps {
  match: Match;
  image: ImageDetail;
  result: ImageResultView;
  /** Faces only, for where the photograph stands beside it. */
  compact?: boolean;
  onChange(): void;
}

const text = strings.match;

/** One possible match of a face of this image, for a person to decide. */
export function MatchCard({ match, image, result, compact = false, onChange }: MatchCardProps) {
  const may = useMay('caseworker');
  const [error, setError] = useState<string>();
  const { busy, act } = useAct(match, onChange);
  const own = result.faces.find((face) => face.key === match.face);
  if (own === undefined) return null;
  const here: PairedFace = {
    face: own.key,
    imageId: image.id,
    name: image.name,
    rectangle: own.rectangle,
    hasCrop: own.hasCrop,
    imageWidth: result.width,
    imageHeight: result.height,
  };
  const decided =
    match.decision !== null && match.decision.verdict !== 'undecided' ? match.decision : undefined;
  const say = (verdict: Verdict) => {
    setError(undefined);
    void act(() => decide(match.face, match.other.face, verdict, { seen: decided?.at ?? null }), {
      failed: ({ message }) => setError(message),
    });
  };
  return (
    <article
      className="match-card"
      data-compact={compact || undefined}
      aria-label={`${text.possible}: ${match.other.name}`}
    >
      <FacePair
        a={here}
        b={match.other}
        compact={compact}
        confidence={match.confidence}
        margin={match.margin}
        {...(!compact && { worth: match.worth })}
      />
      <footer>
        {decided !== undefined && (
          <p className="decided">
            {(decided.verdict === 'confirmed' ? text.confirmed : text.notSame)(decided.by, ago(decided.at))}
          </p>
        )}
        {may && (
          <fieldset className="decision" disabled={busy} aria-label={text.decideLabel}>
            {decided === undefined ? (
              <>
                <button type="button" className="button small" onClick={() => say('confirmed')}>
                  {text.yes}
                </button>
                <button type="button" className="button small" onClick={() => say('notSame')}>
                  {text.no}
                </button>
              </>
            ) : (
              <button type="button" className="button small quiet" onClick={() => say('undecided')}>
                {text.undo}
              </button>
            )}
          </fieldset>
        )}
        {error !== undefined && (
          <p className="problem" role="alert">
            {error}
          </p>
        )}
      </footer>
    </article>
  );
}
