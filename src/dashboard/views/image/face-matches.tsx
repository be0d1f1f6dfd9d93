import { useState } from 'react';
import type { ImageDetail, ImageResultView } from '../../../api/contract.ts';
import { useMay } from '../../live/me.ts';
import { href } from '../../live/router.ts';
import { worthText } from '../../parts/face-pair.tsx';
import { Icon } from '../../parts/icon.tsx';
import { strings } from '../../strings.ts';
import { ProposeToDialog } from '../enquiries/propose-dialog.tsx';
import { MatchCard } from './match-card.tsx';
import { NotLooked } from './not-looked.tsx';

const text = strings.image;

interface FaceMatchesProps {
  image: ImageDetail;
  result: ImageResultView;
  face: string;
  onChange(): void;
}

export const findHref = (image: string, face: string): string =>
  href(['find'], new URLSearchParams({ image, face }));

/** What there is of the one face that is chosen, beside the photograph. */
export function FaceMatches({ image, result, face, onChange }: FaceMatchesProps) {
  const mayPropose = useMay('caseworker');
  // The face that was chosen when it was asked for: after a rerun it may be another one.
  const [proposing, setProposing] = useState<string>();
  const index = result.faces.findIndex(({ key }) => key === face);
  const one = result.faces[index];
  if (one === undefined) return null;
  const matches = result.matches.filter((match) => match.face === face);
  const rejected = result.rejectedMatches.filter((match) => match.face === face).length;
  const looked = result.lookedFor.matches;
  return (
    <section className="face-matches" aria-live="polite">
      <div className="section-head">
        <h2>{text.matchesOf(index + 1)}</h2>
        <span className="section-acts">
          <a className="button small" href={findHref(image.id, face)}>
            <Icon name="find" />
            {text.findFace}
          </a>
          {mayPropose && (
            <button type="button" className="button small quiet" onClick={() => setProposing(face)}>
              {strings.enquiries.proposeFor}
            </button>
          )}
        </span>
      </div>
      {proposing !== undefined && (
        <ProposeToDialog face={proposing} onClose={() => setProposing(undefined)} />
      )}
      {matches.length === 0 && looked.state === 'looked' && (
        <p className="hint">
          {rejected > 0 ? text.onlyRejected(rejected) : one.enrolled ? text.noMatchesOf : text.notEnrolled}
        </p>
      )}
      <NotLooked image={image} finding="matches" looked={looked} onChange={onChange} />
      {matches[0] !== undefined && <p className="hint">{worthText(matches[0].worth)}</p>}
      <ul className="face-match-list">
        {matches.map((match) => (
          <li key={`${match.face} ${match.other.face}`}>
            <MatchCard compact match={match} image={image} result={result} onChange={onChange} />
          </li>
        ))}
      </ul>
    </section>
  );
}
