import type { ImageDetail, ImageResultView, Match } from '../../../api/contract.ts';
import { strings } from '../../strings.ts';
import { MatchCard } from './match-card.tsx';
import { NotLooked } from './not-looked.tsx';

interface MatchesProps {
  image: ImageDetail;
  result: ImageResultView;
  onChange(): void;
}

/** The possible matches of all faces together, folded: those of a chosen face stand beside the photograph. */
export function Matches({ image, result, onChange }: MatchesProps) {
  const { matches, rejectedMatches, faces } = result;
  const looked = result.lookedFor.matches;
  const compared = faces.filter(({ enrolled }) => enrolled).length;
  const card = (match: Match) => (
    <li key={`${match.face} ${match.other.face}`}>
      <MatchCard match={match} image={image} result={result} onChange={onChange} />
    </li>
  );
  // Of one face everything stands beside the photograph.
  if (faces.length === 0 || (faces.length === 1 && rejectedMatches.length === 0)) return null;
  return (
    <section className="matches" aria-labelledby="matches">
      <h2 id="matches">{strings.image.matches}</h2>
      {matches.length === 0 &&
        rejectedMatches.length === 0 &&
        faces.length > 1 &&
        looked.state === 'looked' && (
          <p className="hint">{strings.image.noMatches(compared, faces.length)}</p>
        )}
      {faces.length !== 1 && (
        <NotLooked image={image} finding="matches" looked={looked} onChange={onChange} />
      )}
      {matches.length > 0 && faces.length > 1 && (
        <details>
          <summary>{strings.image.allMatches(matches.length)}</summary>
          <ul className="match-list">{matches.map(card)}</ul>
        </details>
      )}
      {rejectedMatches.length > 0 && (
        <details>
          <summary>{strings.image.rejectedMatches(rejectedMatches.length)}</summary>
          <ul className="match-list">{rejectedMatches.map(card)}</ul>
        </details>
      )}
    </section>
  );
}
