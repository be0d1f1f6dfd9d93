import { NeedsRole } from '../../parts/needs-role.tsx';
import { strings } from '../../strings.ts';
import type { Review } from './use-review.ts';

const text = strings.review;

interface ReviewBarProps {
  review: Review;
  may: boolean;
  /** Undecided pairs in all, counted up to 1,000. */
  left: number;
}

const ANSWERS = [
  { verdict: 'confirmed', label: strings.match.yes, key: 'y', look: '' },
  { verdict: 'notSame', label: strings.match.no, key: 'n', look: '' },
  { verdict: 'later', label: strings.match.later, key: 'l', look: 'quiet' },
] as const;

/** The question and its three answers: none is offered before another, for nobody but the person who looks can know. */
export function ReviewBar({ review, may, left }: ReviewBarProps) {
  const { pair, note, mayUndo, decided, say, undo } = review;
  return (
    <div className="review-bar">
      {pair != null && (
        <div className="review-buttons">
          <h2>{text.question}</h2>
          {ANSWERS.map(({ verdict, label, key, look }) => (
            <button
              key={verdict}
              type="button"
              className={`button ${look}`}
              disabled={!may}
              aria-keyshortcuts={key}
              onClick={() => say(verdict)}
            >
              {label} <kbd>{key}</kbd>
            </button>
          ))}
        </div>
      )}
      <div className="review-note">
        <span role="status">{note}</span>
        {mayUndo && (
          <button type="button" className="button small" aria-keyshortcuts="u" onClick={undo}>
            {strings.match.undo} <kbd>u</kbd>
          </button>
        )}
        <span className="review-progress">
          {left > 0 && text.left(left)}
          {left > 0 && decided > 0 && ' · '}
          {decided > 0 && text.decided(decided)}
        </span>
      </div>
      <NeedsRole least="caseworker" />
    </div>
  );
}
