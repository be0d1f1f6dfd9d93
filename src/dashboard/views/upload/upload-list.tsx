import { memo } from 'react';
import { percent } from '../../live/format.ts';
import { imageHref } from '../../live/router.ts';
import { strings } from '../../strings.ts';
import { busy, clear, retry, type Upload } from './queue.ts';

const text = strings.upload;
/** More lines than this help nobody; the sums above them count all. */
const SHOWN = 200;
const ORDER = { failed: 0, refused: 0, sending: 1, queued: 2, taken: 3 } as const;

const Line = memo(function Line({ upload }: { upload: Upload }) {
  const { state, progress } = upload;
  return (
    <li data-state={state}>
      <span className="upload-name">
        {upload.id !== undefined ? (
          <a href={imageHref(upload.id)}>
            <bdi>{upload.name}</bdi>
          </a>
        ) : (
          <bdi>{upload.name}</bdi>
        )}
      </span>
      {state === 'sending' && <progress value={progress} aria-label={upload.name} />}
      <span className="upload-state">
        {state === 'sending' && text.sending(percent(progress))}
        {state === 'queued' && text.queued}
        {state === 'taken' && text.taken}
        {(state === 'failed' || state === 'refused') && text.notTaken}
      </span>
      {state === 'failed' && (
        <button
          type="button"
          className="button small"
          aria-label={`${text.retry}: ${upload.name}`}
          onClick={() => retry(upload.key)}
        >
          {text.retry}
        </button>
      )}
      {upload.problem !== undefined && <span className="problem">{upload.problem}</span>}
    </li>
  );
});

export function UploadList({ all }: { all: readonly Upload[] }) {
  const again = all.filter((one) => one.state === 'failed').length;
  const failed = again + all.filter((one) => one.state === 'refused').length;
  const taken = all.filter((one) => one.state === 'taken').length;
  const sorted = all.toSorted((a, b) => ORDER[a.state] - ORDER[b.state] || a.key - b.key);
  const now = text.progress(taken, all.length) + (failed > 0 ? `, ${text.failed(failed)}` : '');
  return (
    <section className="uploads" aria-label={text.list}>
      <div className="section-head">
        <p role="status">{now}</p>
        <span className="upload-actions">
          {again > 0 && (
            <button type="button" className="button small" onClick={() => retry()}>
              {text.retryAll}
            </button>
          )}
          {!busy(all) && (
            <button type="button" className="button small quiet" onClick={clear}>
              {text.clear}
            </button>
          )}
        </span>
      </div>
      <progress className="upload-all" value={taken + failed} max={all.length} aria-label={now} />
      <ul>
        {sorted.slice(0, SHOWN).map((upload) => (
          <Line key={upload.key} upload={upload} />
        ))}
      </ul>
      {sorted.length > SHOWN && <p className="hint">{text.more(sorted.length - SHOWN)}</p>}
    </section>
  );
}
