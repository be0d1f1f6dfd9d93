import type { EnquiryDetail } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { send } from '../../live/client.ts';
import { imageHref } from '../../live/router.ts';
import { useAct } from '../../live/use-act.ts';
import { FaceCrop } from '../../parts/face-crop.tsx';
import { Message } from '../../parts/message.tsx';
import { strings } from '../../strings.ts';

const text = strings.enquiries;

type Photograph = EnquiryDetail['photographs'][number];

interface PhotographProps {
  enquiry: string;
  photograph: Photograph;
  onChange(): void;
}

function OnePhotograph({ enquiry, photograph, onChange }: PhotographProps) {
  const { imageId, taken, status, faces } = photograph;
  const { busy, act } = useAct(photograph, onChange);
  const seek = (face: string, sought: boolean) =>
    void act(() => send('PUT', routes.enquiryFace(enquiry, face), { sought }));
  const title = taken === null ? text.photographs : text.takenOn(taken);
  return (
    <article className="enquiry-photograph">
      {status !== null && (
        <a href={imageHref(imageId)}>
          <img src={routes.imageThumbnail(imageId)} alt={title} loading="lazy" />
        </a>
      )}
      <div>
        {taken !== null && <p className="hint">{text.takenOn(taken)}</p>}
        {status === null && <p className="hint">{text.underWay}</p>}
        {status !== null && faces.length === 0 && <p className="hint">{text.noFace}</p>}
        <ul>
          {faces.map(({ face, quality, enrolled, sought }, index) => (
            <li key={face} data-out={!sought || undefined}>
              <FaceCrop face={face} alt={text.face(index + 1)} />
              <span className="hint">
                {[
                  quality !== null && strings.candidate.quality(quality),
                  !sought ? text.notSought : enrolled ? text.compared : text.notCompared,
                ]
                  .filter((part) => part !== false)
                  .join(', ')}
              </span>
              {(faces.length > 1 || !sought) && (
                <button
                  type="button"
                  className="button small quiet"
                  disabled={busy}
                  onClick={() => seek(face, !sought)}
                >
                  {sought ? text.doNotSeek : text.seek}
                </button>
              )}
            </li>
          ))}
        </ul>
      </div>
    </article>
  );
}

interface EnquiryPhotographsProps {
  enquiry: EnquiryDetail;
  onAdd(): void;
  onChange(): void;
}

/** By which faces somebody is looked for. */
export function EnquiryPhotographs({ enquiry, onAdd, onChange }: EnquiryPhotographsProps) {
  const { id, photographs } = enquiry;
  return (
    <section aria-labelledby="enquiry-photographs">
      <h2 id="enquiry-photographs">{text.photographs}</h2>
      {photographs.length === 0 && (
        <Message title={text.noPhotographs} text={text.noPhotographsText}>
          <button type="button" className="button primary" onClick={onAdd}>
            {text.addPhotographs}
          </button>
        </Message>
      )}
      <div className="enquiry-photographs">
        {photographs.map((photograph) => (
          <OnePhotograph key={photograph.imageId} enquiry={id} photograph={photograph} onChange={onChange} />
        ))}
      </div>
    </section>
  );
}
