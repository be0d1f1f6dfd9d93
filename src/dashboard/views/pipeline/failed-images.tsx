import { useEffect, useState } from 'react';
import type { Failures, ImageDetail, ImagePage } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { type ApiError, getJson } from '../../live/client.ts';
import { useStamp } from '../../live/live.ts';
import { href, imageHref } from '../../live/router.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { Spinner } from '../../parts/spinner.tsx';
import { strings } from '../../strings.ts';
import { RerunButton } from '../image/rerun-button.tsx';

type Failure = Failures['failures'][number];
const text = strings.pipeline;
/** Enough to see what is wrong; the images' own view shows all. */
const SHOWN = 8;

const filter = ({ step, state, code }: Failure) =>
  new URLSearchParams({ step, stepState: state, ...(code !== null && { errorCode: code }) });

/** The newest images that failed in this way, each with its own reason. */
async function find(failure: Failure, signal: AbortSignal): Promise<ImageDetail[]> {
  const page = await getJson<ImagePage>(`${routes.images}?${filter(failure)}&limit=${SHOWN}`, signal);
  return Promise.all(page.images.map(({ id }) => getJson<ImageDetail>(routes.image(id), signal)));
}

const reasonOf = (image: ImageDetail, { step }: Failure) =>
  image.result?.steps.find((one) => one.step === step)?.error?.message;

export function FailedImages({ failure }: { failure: Failure }) {
  const stamp = useStamp();
  const [images, setImages] = useState<readonly ImageDetail[]>();
  const [error, setError] = useState<ApiError>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: stamp is a reason to load again
  useEffect(() => {
    const abort = new AbortController();
    find(failure, abort.signal).then(setImages, (problem: ApiError) => {
      if (!abort.signal.aborted) setError(problem);
    });
    return () => abort.abort();
  }, [failure, stamp]);

  if (error !== undefined) return <ErrorMessage error={error} />;
  if (images === undefined) return <Spinner />;
  if (images.length === 0) return <p className="hint">{text.noneLeft}</p>;
  return (
    <div className="failed">
      <ul className="failed-images">
        {images.map((image) => (
          <li key={image.id}>
            <img
              src={routes.imageThumbnail(image.id)}
              alt=""
              loading="lazy"
              // What was no photograph has nothing to show.
              onError={({ currentTarget }) => currentTarget.removeAttribute('src')}
            />
            <div>
              <a href={imageHref(image.id)}>
                <bdi>{image.name}</bdi>
              </a>
              <p>{reasonOf(image, failure)}</p>
            </div>
            {failure.state === 'failed' && (
              <RerunButton
                key={image.result?.run}
                id={image.id}
                steps={[failure.step]}
                label={text.retryOne}
                done={text.retrying}
              />
            )}
          </li>
        ))}
      </ul>
      <a href={href(['images'], filter(failure))}>{text.allWithFailure(failure.images)}</a>
    </div>
  );
}
