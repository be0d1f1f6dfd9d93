import type { CandidateDetail } from '../../../api/contract.ts';
import { ago } from '../../live/format.ts';
import { strings } from '../../strings.ts';

const text = strings.candidate;

interface CandidateWordsProps {
  words: CandidateDetail['words'];
  may: boolean;
  busy: boolean;
  onUndo(word: string): void;
}

/** Who said what, and why. */
export function CandidateWords({ words, may, busy, onUndo }: CandidateWordsProps) {
  return (
    <section aria-labelledby="candidate-words">
      <h2 id="candidate-words">{text.words}</h2>
      {words.length === 0 && <p className="hint">{text.noWords}</p>}
      <ul className="events">
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
