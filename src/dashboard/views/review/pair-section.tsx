import { ago } from '../../live/format.ts';
import { FaceClose } from '../../parts/face-close.tsx';
import { Confidence } from '../../parts/face-pair.tsx';
import { FacePhotograph } from '../../parts/face-photograph.tsx';
import type { Zoom } from '../../parts/face-view.ts';
import { strings } from '../../strings.ts';
import type { ReviewPair } from './queue.ts';

const text = strings.review;

interface PairSectionProps {
  pair: ReviewPair;
  zoom: Zoom;
  /** Whether the whole photographs are shown in place of the faces. */
  photographs: boolean;
}

/** Two faces, large and side by side, and what is known of them besides: never that they are of one person. */
export function PairSection({ pair: { item, same }, zoom, photographs }: PairSectionProps) {
  const { a, b, confidence, margin, worth, copies, firstSeen } = item;
  return (
    <section className="review-pair" aria-label={text.question}>
      <div className="review-faces">
        {[a, b].map((place) =>
          photographs ? (
            <FacePhotograph key={place.face} place={place} />
          ) : (
            <FaceClose key={place.face} place={place} zoom={zoom} />
          ),
        )}
      </div>
      <div className="review-words">
        {confidence === null ? (
          <p className="pair-words">
            <strong>{strings.match.possible}</strong>
            <span className="hint">{text.blind}</span>
          </p>
        ) : (
          <Confidence confidence={confidence} margin={margin} {...(worth !== null && { worth })} />
        )}
        <p className="hint">
          {strings.match.first(ago(firstSeen))}
          {copies && <span> {text.looksCopied}</span>}
          {same.length > 0 && <span> {text.sameToo(same.length)}</span>}
        </p>
      </div>
    </section>
  );
}
