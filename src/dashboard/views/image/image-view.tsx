import { useState } from 'react';
import type { ImageDetail } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { usePulse, useStamp } from '../../live/live.ts';
import { useResource } from '../../live/use-resource.ts';
import { useTitle } from '../../live/use-title.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { Spinner } from '../../parts/spinner.tsx';
import { strings } from '../../strings.ts';
import { Details } from './details.tsx';
import { Faces } from './faces.tsx';
import { Findings } from './findings.tsx';
import { ImageNav } from './image-nav.tsx';
import { Matches } from './matches.tsx';
import { Picture } from './picture.tsx';
import { StatusNote } from './status-note.tsx';
import { TimelineView } from './timeline-view.tsx';
import './image.css';

export function ImageView({ id }: { id: string }) {
  const [moving, setMoving] = useState(true);
  const pulse = usePulse();
  const stamp = useStamp();
  const { data, error, reload } = useResource<ImageDetail>(routes.image(id), moving ? pulse : stamp);
  const [face, setFace] = useState<string>();
  useTitle(data?.name ?? strings.image.alt(''));
  const underWay = data === undefined || data.underWay;
  if (underWay !== moving) setMoving(underWay);

  if (data === undefined) {
    return (
      <div className="view">
        <ImageNav id={id} />
        {error !== undefined ? <ErrorMessage error={error} onRetry={reload} /> : <Spinner />}
      </div>
    );
  }
  const { result } = data;
  // In what was not taken nothing was looked for: "no face was found" would say something else.
  const found = result === null || result.lookedFor.faces.state === 'ended' ? undefined : result;
  return (
    <article className="view image-view">
      <ImageNav id={id} />
      <header className="image-head">
        <h1>
          <bdi>{data.name}</bdi>
        </h1>
        <StatusNote image={data} />
      </header>
      {error !== undefined && <ErrorMessage error={error} onRetry={reload} />}
      <div className="image-main">
        <Picture image={data} face={face} onFace={setFace} />
        <div className="image-side">
          {found !== undefined && <Findings image={data} result={found} onChange={reload} />}
          {found !== undefined && (
            <Faces image={data} result={found} face={face} onFace={setFace} onChange={reload} />
          )}
        </div>
      </div>
      {result !== null && <Matches image={data} result={result} onChange={reload} />}
      <div className="image-foot">
        <TimelineView image={data} onChange={reload} />
        <Details image={data} onChange={reload} />
      </div>
    </article>
  );
}
