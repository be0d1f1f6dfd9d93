import type { CandidateDetail } from '../../../api/contract.ts';
import { ago } from '../../live/format.ts';
import { useMay } from '../../live/me.ts';
import { FaceCrop } from '../../parts/face-crop.tsx';
import { strings } from '../../strings.ts';

const text = strings.candidate;

interface CandidateWordsProps {
  words: CandidateDetail['words'];
  proposals: CandidateDetail['proposals'];
  may: boolean;
  busy: boolean;
  onUndo(word: string): void;
  onWithdraw(decision: string): void;
}

/** Who said what, and why. */
export function CandidateWords({ words, proposals, may, busy, onUndo, onWithdraw }: CandidateWordsProps) {
  const mayPropose = useMay('caseworker');
  return (
    <section aria-labelledby="candidate-words">
      <h2 id="candidate-words">{text.words}</h2>
      {words.length === 0 && proposals.length === 0 && <p className="hint">{text.noWords}</p>}
      <ul className="events">
        {proposals.map(({ id, other, by, at, reason }) => (
          <li key={id}>
            <p>
              <strong>{text.putForward}</strong> <bdi>{text.by(by, ago(at))}</bdi>
            </p>
            {reason !== null && (
              <p className="event-note">
                <bdi>{reason}</bdi>
              </p>
            )}
            <span className="decision-faces">
              <FaceCrop face={other} alt={text.found} />
            </span>
            {mayPropose && (
              <button
                type="button"
                className="button small quiet"
                disabled={busy}
                onClick={() => onWithdraw(id)}
              >
                {text.withdraw}
              </button>
            )}
          </li>
        ))}
        {words.map(({ id, word, by, at, reason, blind }) => (
          <li key={id}>
            <p>
              <strong>{text.said[word]}</strong> <bdi>{text.by(by, ago(at))}</bdi>
              {blind && <span className="hint"> {text.blind}</span>}
            </p>
            {reason !== null && (
              <p className="event-note">
                <bdi>{reason}</bdi>
              </p>
            )}
            {may && (
              <button type="button" className="button small quiet" disabled={busy} onClick={() => onUndo(id)}>
                {text.takeBack}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
