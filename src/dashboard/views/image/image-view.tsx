import { useState } from 'react';
import type { ImageDetail } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { useKeys } from '../../live/keys.ts';
import { usePulse, useStamp } from '../../live/live.ts';
import { go } from '../../live/router.ts';
import { useResource } from '../../live/use-resource.ts';
import { useTitle } from '../../live/use-title.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { Skeleton } from '../../parts/skeleton.tsx';
import { strings } from '../../strings.ts';
import { Details } from './details.tsx';
import { FaceMatches, findHref } from './face-matches.tsx';
import { Faces } from './faces.tsx';
import { Findings } from './findings.tsx';
import { ImageNav } from './image-nav.tsx';
import { Matches } from './matches.tsx';
import { Outputs } from './outputs.tsx';
import { Picture } from './picture.tsx';
import { StatusNote } from './status-note.tsx';
import { TimelineView } from './timeline-view.tsx';
import './image.css';

export function ImageView({ id }: { id: string }) {
  const [moving, setMoving] = useState(true);
  const pulse = usePulse();
  const stamp = useStamp();
  const { data, error, reload } = useResource<ImageDetail>(routes.image(id), moving ? pulse : stamp);
  const [asked, setFace] = useState<string>();
  const faces = data?.result?.faces ?? [];
  // Where there is one face, it is the one that is meant.
  const only = faces.length === 1 ? faces[0]?.key : undefined;
  const face = faces.some(({ key }) => key === asked) ? asked : only;
  useKeys(strings.image.faces, [
    ...(faces.length > 1
      ? [
          {
            keys: ['f'],
            does: strings.image.keys.face,
            run: () => setFace(faces[(faces.findIndex(({ key }) => key === face) + 1) % faces.length]?.key),
          },
        ]
      : []),
    ...(face === undefined
      ? []
      : [{ keys: ['s'], does: strings.image.keys.findFace, run: () => go(findHref(id, face)) }]),
  ]);
  useTitle(data?.name ?? strings.image.alt(''));
  const underWay = data === undefined || data.underWay;
  if (underWay !== moving) setMoving(underWay);

  if (data === undefined) {
    return (
      <div className="view">
        <ImageNav id={id} />
        {error !== undefined ? <ErrorMessage error={error} onRetry={reload} /> : <Skeleton form="picture" />}
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
          {found !== undefined && face !== undefined && (
            <FaceMatches image={data} result={found} face={face} onChange={reload} />
          )}
          {found !== undefined && (
            <Faces image={data} result={found} face={face} onFace={setFace} onChange={reload} />
          )}
          {found !== undefined && <Findings image={data} result={found} onChange={reload} />}
          {found !== undefined && <Outputs result={found} />}
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
