import type { Candidate, EnquiryDetail } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { confidenceText, leadOf, likenessOf } from '../../../domain/match-worth.ts';
import { query } from '../../live/client.ts';
import { useStamp } from '../../live/live.ts';
import { href } from '../../live/router.ts';
import { usePages } from '../../live/use-pages.ts';
import { useTick } from '../../live/use-tick.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { FaceCrop } from '../../parts/face-crop.tsx';
import { MoreButton } from '../../parts/more-button.tsx';
import { Skeleton } from '../../parts/skeleton.tsx';
import { strings } from '../../strings.ts';

const text = strings.enquiries;
const words = strings.candidate;
const EVERY_MS = 4000;

function CandidateCard({ candidate }: { candidate: Candidate }) {
  const { id, enquiry, standing, blind, score, margin, bestFace, ownFace, faces } = candidate;
  const lead = leadOf(margin);
  const { match } = strings;
  return (
    <a
      className="candidate-card"
      href={
        blind
          ? href(['second-look'], new URLSearchParams({ candidate: id }))
          : href(['enquiries', enquiry, id])
      }
    >
      <span className="candidate-crops">
        {ownFace !== null && <FaceCrop face={ownFace} alt={words.sought} />}
        <FaceCrop face={bestFace} alt={words.found} />
      </span>
      <span className="candidate-says">
        <span className="status-mark" data-standing={standing} title={words.standingMeans[standing]}>
          {words.standing[standing]}
        </span>
        {score !== null && (
          <strong>{match.confidence(match.words[likenessOf(score)], confidenceText(score))}</strong>
        )}
        {score === null && !blind && <strong>{words.noScore}</strong>}
        {blind && <span>{words.toSecondLook}</span>}
        <span className="hint">{words.faces(faces)}</span>
        {lead !== 'unknown' && <span className="hint">{match.lead[lead]}</span>}
      </span>
    </a>
  );
}

/** That there is nobody alike is said only where a face could be looked for. */
export function whyNone(photographs: EnquiryDetail['photographs'], searching: boolean): string {
  if (photographs.length === 0) return text.photographFirst;
  if (searching) return text.searching;
  const isCompared = photographs.some(({ faces }) =>
    faces.some(({ sought, enrolled }) => sought && enrolled),
  );
  return isCompared ? `${text.noCandidates}. ${text.noCandidatesText}` : text.notSearched;
}

interface CandidateListProps {
  enquiry: EnquiryDetail;
  /** Whether a photograph of it is still under way. */
  searching: boolean;
  turn: number;
}

/** What may show who is sought, the surest first; without a score where the reader is to give the second word. */
export function CandidateList({ enquiry: { id, photographs }, searching, turn }: CandidateListProps) {
  const tick = useTick(EVERY_MS, true);
  const { items, more, error, loadMore, reload } = usePages<Candidate>(
    (after) => `${routes.candidates}${query({ enquiry: id, limit: 50, after })}`,
    'candidates',
    `${useStamp()} ${turn} ${tick}`,
  );
  return (
    <section aria-labelledby="enquiry-candidates">
      <h2 id="enquiry-candidates">{text.candidates}</h2>
      <p className="hint">{text.candidatesIntro}</p>
      {error !== undefined && <ErrorMessage error={error} onRetry={reload} />}
      {items === undefined && error === undefined && <Skeleton form="lines" count={2} />}
      {items?.length === 0 && <p className="candidates-none">{whyNone(photographs, searching)}</p>}
      <ul className="candidates">
        {items?.map((candidate) => (
          <li key={candidate.id}>
            <CandidateCard candidate={candidate} />
          </li>
        ))}
      </ul>
      <MoreButton more={more} loadMore={loadMore} />
    </section>
  );
}
