import { useEffect, useEffectEvent } from 'react';
import { routes } from '../../../api/routes.ts';
import { useLive, useStamp } from '../../live/live.ts';
import { useMay } from '../../live/me.ts';
import { href } from '../../live/router.ts';
import { useTitle } from '../../live/use-title.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { FacePair } from '../../parts/face-pair.tsx';
import { Message } from '../../parts/message.tsx';
import { Spinner } from '../../parts/spinner.tsx';
import { strings } from '../../strings.ts';
import { keyOf, useReview } from './use-review.ts';
import './review.css';

const text = strings.review;

export function ReviewView() {
  useTitle(text.title);
  const may = useMay('caseworker');
  const { live } = useLive();
  const review = useReview(useStamp());
  const { item, following, decided, mayUndo, say, undo } = review;

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (!may || event.repeat || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target instanceof HTMLElement && event.target.closest('input, select, textarea') !== null)
      return;
    if (event.key === 'y') say('confirmed');
    else if (event.key === 'n') say('notSame');
    else if (event.key === 'l') say('later');
    else if (event.key === 'u') undo();
  });
  useEffect(() => {
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);

  const left = live?.toReview ?? 0;
  return (
    <div className="view review-view">
      <header>
        <h1>{text.title}</h1>
        {item != null && <p>{text.intro}</p>}
      </header>
      {review.error !== undefined && <ErrorMessage error={review.error} onRetry={review.reload} />}
      {item === undefined && review.error === undefined && <Spinner />}
      {item === null && (
        <Message
          title={decided > 0 ? text.done : text.none}
          text={decided > 0 ? text.doneText : text.noneText}
        >
          <a className="button" href={href(['images'])}>
            {strings.common.toImages}
          </a>
        </Message>
      )}
      {item != null && (
        <section key={keyOf(item)} className="review-pair" aria-label={text.question}>
          <FacePair a={item.a} b={item.b} confidence={item.confidence} worth={item.worth} />
        </section>
      )}
      <div className="review-bar">
        {item != null && (
          <div className="review-buttons">
            <h2>{text.question}</h2>
            <button
              type="button"
              className="button primary"
              disabled={!may}
              aria-keyshortcuts="y"
              onClick={() => say('confirmed')}
            >
              {strings.match.yes} <kbd>y</kbd>
            </button>
            <button
              type="button"
              className="button"
              disabled={!may}
              aria-keyshortcuts="n"
              onClick={() => say('notSame')}
            >
              {strings.match.no} <kbd>n</kbd>
            </button>
            <button
              type="button"
              className="button quiet"
              disabled={!may}
              aria-keyshortcuts="l"
              onClick={() => say('later')}
            >
              {strings.match.later} <kbd>l</kbd>
            </button>
          </div>
        )}
        <div className="review-note">
          <span role="status">{review.note}</span>
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
        {!may && <p className="hint">{strings.common.onlyOperators}</p>}
      </div>
      {following !== undefined && (
        <div hidden>
          <img src={routes.imageContent(following.a.imageId)} alt="" />
          <img src={routes.imageContent(following.b.imageId)} alt="" />
        </div>
      )}
    </div>
  );
}
