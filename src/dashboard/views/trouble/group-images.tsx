import { useState } from 'react';
import type { ImageDetail, ImagePage, TroubleGroup } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { type ApiError, getJson } from '../../live/client.ts';
import { useStamp } from '../../live/live.ts';
import { href, imageHref } from '../../live/router.ts';
import { useLoad } from '../../live/use-load.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { Skeleton } from '../../parts/skeleton.tsx';
import { strings } from '../../strings.ts';
import { filterOf } from './filter-of.ts';

const text = strings.trouble;
/** Enough to see what is wrong; the images' own view shows all. */
const SHOWN = 8;

/** What the step, or the look at the file, said of this very image. */
const reasonOf = ({ result }: ImageDetail, { step }: TroubleGroup): string | undefined =>
  step === null ? result?.reason?.message : result?.steps.find((one) => one.step === step)?.error?.message;

/** The newest images of a group, each with its own reason. */
export function GroupImages({ group }: { group: TroubleGroup }) {
  const [images, setImages] = useState<readonly ImageDetail[]>();
  const [error, setError] = useState<ApiError>();
  const search = new URLSearchParams(filterOf(group)).toString();
  useLoad(search, useStamp(), 0, async (signal) => {
    try {
      const page = await getJson<ImagePage>(`${routes.images}?${search}&limit=${SHOWN}`, signal);
      const details = await Promise.all(
        page.images.map(({ id }) =>
          getJson<ImageDetail>(routes.image(id), signal).catch((problem: ApiError) => {
            // One that was erased in between hides no other.
            if (problem.status !== 404) throw problem;
          }),
        ),
      );
      if (signal.aborted) return;
      setImages(details.filter((image) => image !== undefined));
      setError(undefined);
    } catch (problem) {
      if (!signal.aborted) setError(problem as ApiError);
    }
  });

  if (error !== undefined) return <ErrorMessage error={error} />;
  if (images === undefined) return <Skeleton form="lines" count={2} />;
  if (images.length === 0) return <p className="hint">{strings.pipeline.noneLeft}</p>;
  return (
    <div className="trouble-open">
      <ul className="trouble-images">
        {images.map((image) => (
          <li key={image.id} className="trouble-image">
            <img
              src={routes.imageThumbnail(image.id)}
              alt=""
              loading="lazy"
              // What was no photograph has nothing to show.
              onError={({ currentTarget }) => {
                currentTarget.style.visibility = 'hidden';
              }}
            />
            <div>
              <a href={imageHref(image.id)}>
                <bdi>{image.name}</bdi>
              </a>{' '}
              <span className="hint">
                <bdi>{image.batchId}</bdi>
              </span>
              <p>{reasonOf(image, group)}</p>
            </div>
          </li>
        ))}
      </ul>
      <a href={href(['images'], new URLSearchParams(search))}>{text.inGrid}</a>
    </div>
  );
}
