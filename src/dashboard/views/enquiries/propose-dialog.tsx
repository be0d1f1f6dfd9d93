import { useId, useState } from 'react';
import type { CandidateDetail, Enquiry, EnquiryDetail, ImageDetail } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { query, send } from '../../live/client.ts';
import { notify } from '../../live/notices.ts';
import { go, href } from '../../live/router.ts';
import { useResource } from '../../live/use-resource.ts';
import { useSettled } from '../../live/use-settled.ts';
import { useShown } from '../../live/use-shown.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { FaceCrop } from '../../parts/face-crop.tsx';
import { strings } from '../../strings.ts';
import { titleOf } from './enquiry-state.tsx';
import { FaceChoice } from './face-choice.tsx';

const text = strings.enquiries;

/** What somebody points at: a face by its id, or a photograph by its id or the address of its page. */
export function pointedAt(typed: string): { face?: string; image?: string } {
  const [, image] = /#\/images\/([^/?#\s]+)/.exec(typed) ?? [];
  if (image !== undefined) return { image: decodeURIComponent(image) };
  const id = typed.trim();
  if (id === '') return {};
  return /-\d{1,4}$/.test(id) ? { face: id } : { image: id };
}

const soughtIn = (enquiry: EnquiryDetail | undefined) =>
  (enquiry?.photographs ?? []).flatMap(({ faces }) =>
    faces.flatMap(({ face, sought }, index) => (sought ? [{ face, alt: text.face(index + 1) }] : [])),
  );

interface AskedProps {
  enquiry: EnquiryDetail | undefined;
  face: string | undefined;
  onClose(): void;
  children: React.ReactNode;
}

/** Asks with which face of the enquiry, and why, and puts the face forward. */
function Asked({ enquiry, face, onClose, children }: AskedProps) {
  const [chosen, setOwn] = useState<string>();
  const shown = useShown();
  const sought = soughtIn(enquiry);
  // Which of several is meant is never guessed: a find says that these very two are one person.
  const own = sought.some((one) => one.face === chosen)
    ? chosen
    : sought.length === 1
      ? sought[0]?.face
      : undefined;
  return (
    <AskDialog
      title={text.proposeTitle}
      go={text.propose}
      incomplete={enquiry === undefined || face === undefined || own === undefined}
      field={{ label: strings.candidate.reason, value: '', required: false, most: 2000 }}
      does={(reason) =>
        send<CandidateDetail>('POST', routes.enquiryCandidates(enquiry?.id ?? ''), {
          face,
          own,
          ...(reason !== '' && { reason }),
        })
      }
      onDone={(candidate) => {
        notify(text.proposed);
        if (candidate !== undefined && shown()) go(href(['enquiries', candidate.enquiry, candidate.id]));
      }}
      onClose={onClose}
    >
      <p>{text.proposeSays}</p>
      {children}
      {enquiry !== undefined && sought.length === 0 && <p className="problem">{text.proposeNoOwn}</p>}
      {sought.length > 0 && (
        <FaceChoice title={text.proposeOwn} faces={sought} chosen={own} onChoose={setOwn} />
      )}
    </AskDialog>
  );
}

/** From an enquiry: which face of the archive is to be judged as a candidate? */
export function ProposeDialog({ enquiry, onClose }: { enquiry: EnquiryDetail; onClose(): void }) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState<string>();
  const { face, image } = pointedAt(typed);
  const found = useResource<ImageDetail>(image === undefined ? undefined : routes.image(image));
  const faces = (image === undefined ? [] : (found.data?.result?.faces ?? [])).map(({ key }, index) => ({
    face: key,
    alt: text.face(index + 1),
  }));
  const meant =
    face ??
    faces.find((one) => one.face === chosen)?.face ??
    (faces.length === 1 ? faces[0]?.face : undefined);
  return (
    <Asked enquiry={enquiry} face={meant} onClose={onClose}>
      <div className="field">
        <label htmlFor={id}>{text.proposeWhich}</label>
        <input
          id={id}
          type="text"
          value={typed}
          aria-describedby={`${id}-hint`}
          onChange={({ target }) => setTyped(target.value)}
        />
        <span className="hint" id={`${id}-hint`}>
          {text.proposeWhichHint}
        </span>
      </div>
      {image !== undefined && found.error !== undefined && <ErrorMessage error={found.error} />}
      {image !== undefined && found.data !== undefined && faces.length === 0 && (
        <p className="problem">{strings.image.noFaces}</p>
      )}
      {face !== undefined && (
        <span className="decision-faces">
          <FaceCrop face={face} alt={strings.candidate.found} />
        </span>
      )}
      {faces.length > 0 && (
        <FaceChoice title={text.proposeFace} faces={faces} chosen={meant} onChoose={setChosen} />
      )}
    </Asked>
  );
}

/** Enquiries that are shown to choose from: of more, some are searched for. */
const SHOWN = 200;

/** From a face of the archive: of which enquiry is it to be a candidate? */
export function ProposeToDialog({ face, onClose }: { face: string; onClose(): void }) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState('');
  const search = useSettled(typed.trim());
  const list = useResource<{ enquiries: Enquiry[]; next: string | null }>(
    `${routes.enquiries}${query({ ended: 'false', limit: SHOWN, ...(search !== '' && { search }) })}`,
  );
  const found = list.data?.enquiries ?? [];
  const meant = found.some((one) => one.id === chosen)
    ? chosen
    : found.length === 1 && search !== '' && search === typed.trim() && !list.loading
      ? found[0]?.id
      : undefined;
  const enquiry = useResource<EnquiryDetail>(meant && routes.enquiry(meant));
  const isNone = list.data !== undefined && !list.loading && found.length === 0;
  return (
    <Asked enquiry={meant === undefined ? undefined : enquiry.data} face={face} onClose={onClose}>
      <span className="decision-faces">
        <FaceCrop face={face} alt={strings.candidate.found} />
      </span>
      {list.error !== undefined && <ErrorMessage error={list.error} />}
      <div className="field">
        <label htmlFor={`${id}-search`}>{text.proposeSearch}</label>
        <input
          id={`${id}-search`}
          type="search"
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
        />
      </div>
      {isNone && <p className="problem">{search === '' ? text.proposeNone : text.proposeNotFound}</p>}
      <div className="field">
        <label htmlFor={id}>{text.proposeTo}</label>
        <select id={id} value={meant ?? ''} onChange={({ target }) => setChosen(target.value)}>
          <option value="">{text.proposeChoose}</option>
          {found.map((one) => (
            <option key={one.id} value={one.id}>
              {titleOf(one)}
            </option>
          ))}
        </select>
        {typeof list.data?.next === 'string' && <span className="hint">{text.proposeMore}</span>}
      </div>
    </Asked>
  );
}
