import { useState } from 'react';
import { routes } from '../../../api/routes.ts';
import { useCommands } from '../../live/commands.ts';
import { useKeys } from '../../live/keys.ts';
import { useLive, useStamp } from '../../live/live.ts';
import { useMay } from '../../live/me.ts';
import { go, href } from '../../live/router.ts';
import { useTitle } from '../../live/use-title.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { ZOOMS, type Zoom } from '../../parts/face-view.ts';
import { Message } from '../../parts/message.tsx';
import { Skeleton } from '../../parts/skeleton.tsx';
import { strings } from '../../strings.ts';
import { PairSection } from './pair-section.tsx';
import { keyOf } from './queue.ts';
import { ReviewBar } from './review-bar.tsx';
import { ReviewFilterBar } from './review-filter.tsx';
import { useReview } from './use-review.ts';
import './review.css';

const text = strings.review;

export function ReviewView({ search }: { search: URLSearchParams }) {
  useTitle(text.title);
  const may = useMay('caseworker');
  const { live } = useLive();
  const batch = search.get('batch') ?? '';
  const person = search.get('person') ?? '';
  const copiesOnly = search.get('copies') === 'only';
  // Another choice is another queue.
  const review = useReview(useStamp(), { batch, person, copiesOnly });
  const { pair, following, decided, say, undo } = review;
  const [photographs, setPhotographs] = useState(false);
  const [zoom, setZoom] = useState<Zoom>('near');
  const nextZoom = () => setZoom(ZOOMS[(ZOOMS.indexOf(zoom) + 1) % ZOOMS.length] ?? 'near');
  const acts = [
    { keys: ['y'], does: strings.match.yes, run: () => may && say('confirmed') },
    { keys: ['n'], does: strings.match.no, run: () => may && say('notSame') },
    { keys: ['l'], does: strings.match.later, run: () => may && say('later') },
    { keys: ['u'], does: strings.match.undo, run: () => may && undo() },
    { keys: ['p'], does: text.photographs, run: () => setPhotographs(!photographs) },
    { keys: ['z'], does: text.zoom, run: nextZoom },
  ];
  useKeys(text.title, acts);
  useCommands(
    text.title,
    acts.map(({ keys: [key = ''], does, run }) => ({ label: does, key, run })),
  );

  const change = (next: URLSearchParams) => go(href(['review'], next), true);
  const none = decided > 0 ? [text.done, text.doneText] : [text.none, text.noneText];
  return (
    <div className="view review-view">
      <header>
        <h1>{text.title}</h1>
        <ReviewFilterBar
          search={search}
          copies={review.copies}
          copiesOnly={copiesOnly}
          photographs={photographs}
          zoom={zoom}
          onChange={change}
          onPhotographs={() => setPhotographs(!photographs)}
          onZoom={nextZoom}
        />
      </header>
      {review.error !== undefined && <ErrorMessage error={review.error} onRetry={review.reload} />}
      {pair === undefined && review.error === undefined && <Skeleton form="pair" count={2} />}
      {pair === null && (
        <Message title={none[0] ?? ''} text={none[1] ?? ''}>
          {(batch !== '' || person !== '') && (
            <button type="button" className="button" onClick={() => change(new URLSearchParams())}>
              {text.allPairs}
            </button>
          )}
          <a className="button" href={href(['images'])}>
            {strings.common.toImages}
          </a>
        </Message>
      )}
      {pair != null && (
        <PairSection key={keyOf(pair.item)} pair={pair} zoom={zoom} photographs={photographs} />
      )}
      {/* Of a batch or a person nobody has counted them. */}
      <ReviewBar
        review={review}
        may={may}
        left={pair != null && batch === '' && person === '' && !copiesOnly ? (live?.toReview ?? 0) : 0}
      />
      {following !== undefined && (
        <div hidden>
          <img src={routes.imageContent(following.item.a.imageId)} alt="" />
          <img src={routes.imageContent(following.item.b.imageId)} alt="" />
        </div>
      )}
    </div>
  );
}
