import { useEffect, useState } from 'react';
import type { Failures, ImageDetail, ImagePage } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { type ApiError, getJson } from '../../live/client.ts';
import { useStamp } from '../../live/live.ts';
import { imageHref } from '../../live/router.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { Spinner } from '../../parts/spinner.tsx';
import { strings } from '../../strings.ts';
import { RerunButton } from '../image/rerun-button.tsx';

const LOOKED_AT = 24;

/** Among the newest incomplete images, those that failed in this way. */
async function find(failure: Failures['failures'][number], signal: AbortSignal): Promise<ImageDetail[]> {
  const page = await getJson<ImagePage>(`${routes.images}?status=partial&limit=${LOOKED_AT}`, signal);
  const details = await Promise.all(
    page.images.map(({ id }) => getJson<ImageDetail>(routes.image(id), signal)),
  );
  return details.filter((image) => outcome(image, failure) !== undefined);
}

const outcome = (image: ImageDetail, { step, state, code }: Failures['failures'][number]) =>
  image.result?.steps.find(
    (one) => one.step === step && one.state === state && (one.error?.code ?? null) === code,
  );

export function FailedImages({ failure }: { failure: Failures['failures'][number] }) {
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
  if (images.length === 0) return <p className="hint">{strings.pipeline.noneLeft}</p>;
  return (
    <ul className="failed-images">
      {images.map((image) => (
        <li key={image.id}>
          <img src={routes.imageThumbnail(image.id)} alt="" loading="lazy" />
          <div>
            <a href={imageHref(image.id)}>
              <bdi>{image.name}</bdi>
            </a>
            <p>{outcome(image, failure)?.error?.message}</p>
          </div>
          {failure.state === 'failed' && (
            <RerunButton
              key={image.result?.run}
              id={image.id}
              steps={[failure.step]}
              label={strings.pipeline.retryOne}
              done={strings.pipeline.retrying}
            />
          )}
        </li>
      ))}
    </ul>
  );
}
