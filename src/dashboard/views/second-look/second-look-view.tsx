import type { CandidateDetail } from '../../../api/contract.ts';
import { useStamp } from '../../live/live.ts';
import { useMay, useMe, useRoleBelow } from '../../live/me.ts';
import { href } from '../../live/router.ts';
import { useTick } from '../../live/use-tick.ts';
import { useTitle } from '../../live/use-title.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { Message } from '../../parts/message.tsx';
import { Skeleton } from '../../parts/skeleton.tsx';
import { strings } from '../../strings.ts';
import { CandidateFaces, useLooked } from '../candidates/candidate-faces.tsx';
import { WordBar } from '../candidates/word-bar.tsx';
import { EnquiryTabs } from '../enquiries/enquiry-tabs.tsx';
import '../candidates/candidates.css';
import { type SecondLook, useSecondLook } from './use-second-look.ts';

const text = strings.secondLook;
/** That somebody has spoken changes no row of an image. */
const EVERY_MS = 5000;

function Blind({ candidate, look }: { candidate: CandidateDetail; look: SecondLook }) {
  const looked = useLooked(candidate);
  return (
    <>
      <CandidateFaces candidate={candidate} looked={looked} />
      <Bar look={look} />
    </>
  );
}

function Bar({ look }: { look: SecondLook }) {
  return (
    <WordBar
      may
      busy={look.busy}
      note={look.note}
      onSay={look.say}
      onUndo={look.mayUndo ? look.undo : undefined}
      progress={text.left(look.left, look.more)}
    />
  );
}

function Queue({ first }: { first: string | null }) {
  const me = useMe();
  const tick = useTick(EVERY_MS, true);
  const look = useSecondLook(me?.name, `${useStamp()} ${tick}`, first);
  const { candidate, error, looked, note, mayUndo } = look;
  return (
    <>
      {error !== undefined && <ErrorMessage error={error} onRetry={look.reload} />}
      {candidate === undefined && error === undefined && <Skeleton form="pair" count={2} />}
      {candidate === null && (
        <Message title={looked ? text.done : text.none} text={looked ? text.doneText : text.noneText}>
          <p role="status">{note}</p>
          {mayUndo && (
            <button type="button" className="button" disabled={look.busy} onClick={look.undo}>
              {strings.candidate.undo}
            </button>
          )}
          <a className="button" href={href(['enquiries'])}>
            {text.toEnquiries}
          </a>
        </Message>
      )}
      {candidate != null && <Blind key={candidate.id} candidate={candidate} look={look} />}
    </>
  );
}

/** The word of another person, who knows neither the first one nor how sure the machine is. */
export function SecondLookView({ search }: { search: URLSearchParams }) {
  useTitle(text.title);
  const may = useMay('reviewer');
  const own = useRoleBelow('reviewer');
  return (
    <div className="view review-view second-look-view">
      <EnquiryTabs now="second-look" />
      <header>
        <h1>{text.title}</h1>
        <p>{text.intro}</p>
      </header>
      {own !== undefined && (
        <Message title={text.onlyReviewers} text={strings.common.needsRole('reviewer', own)} />
      )}
      {may && <Queue first={search.get('candidate')} />}
    </div>
  );
}
