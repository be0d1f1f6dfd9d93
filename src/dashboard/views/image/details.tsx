import type { ReactNode } from 'react';
import type { ImageDetail } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { bytes, dateTime, day } from '../../live/format.ts';
import { href } from '../../live/router.ts';
import { strings } from '../../strings.ts';
import { RerunButton } from './rerun-button.tsx';

const text = strings.image;

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** What is said of the image's batch. */
function Terms({ consent }: { consent: NonNullable<NonNullable<ImageDetail['result']>['consent']> }) {
  const { purpose, legalBasis, expires, doNotMatch } = consent;
  return (
    <>
      {purpose !== null && <Fact name={text.purpose}>{purpose}</Fact>}
      {legalBasis !== null && <Fact name={text.legalBasis}>{legalBasis}</Fact>}
      {expires !== null && <Fact name={text.expires}>{day(expires)}</Fact>}
      {doNotMatch && <Fact name={text.matching}>{text.notMatched}</Fact>}
    </>
  );
}

export function Details({ image, onChange }: { image: ImageDetail; onChange(): void }) {
  const { result } = image;
  const given = result?.parameters;
  const consent = result?.consent;
  return (
    <section aria-labelledby="details">
      <h2 id="details">{text.details}</h2>
      <dl className="details">
        <Fact name={text.batch}>
          <a href={href(['images'], new URLSearchParams({ batch: image.batchId }))}>
            <bdi>{image.batchId}</bdi>
          </a>
        </Fact>
        {result !== null && (
          <>
            {result.width !== null && result.height !== null && (
              <Fact name={text.size}>
                {text.pixels(result.width, result.height)}
                {result.bytes !== null && `, ${bytes(result.bytes)}`}
              </Fact>
            )}
            <Fact name={text.finished}>{dateTime(result.finishedAt)}</Fact>
          </>
        )}
        {consent && <Terms consent={consent} />}
        <Fact name={text.id}>
          <code>{image.id}</code>
        </Fact>
        {given !== null && given !== undefined && (
          <Fact name={text.parameters}>
            <pre>{JSON.stringify(given, null, 2)}</pre>
          </Fact>
        )}
      </dl>
      <div className="detail-actions">
        <a className="button small" href={routes.imageOriginal(image.id)} download>
          {text.original}
        </a>
        {result?.status !== 'gone' && result?.status !== 'superseded' && (
          <RerunButton
            key={result?.run}
            id={image.id}
            label={text.rerun}
            underWay={image.underWay}
            onDone={onChange}
          />
        )}
      </div>
    </section>
  );
}
