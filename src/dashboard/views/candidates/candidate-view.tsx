import { useState } from 'react';
import type { CandidateDetail, CandidatePage } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { query, send } from '../../live/client.ts';
import { useKeys } from '../../live/keys.ts';
import { useMay, useMe } from '../../live/me.ts';
import { notify } from '../../live/notices.ts';
import { go, href } from '../../live/router.ts';
import { useAct } from '../../live/use-act.ts';
import { useResource } from '../../live/use-resource.ts';
import { useShown } from '../../live/use-shown.ts';
import { useTitle } from '../../live/use-title.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { Confidence } from '../../parts/face-pair.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Message } from '../../parts/message.tsx';
import { Skeleton } from '../../parts/skeleton.tsx';
import { strings } from '../../strings.ts';
import { CandidateFaces, useLooked } from './candidate-faces.tsx';
import { CandidateWords } from './candidate-words.tsx';
import { followingOf } from './following.ts';
import { type CandidateWord, WordBar } from './word-bar.tsx';
import './candidates.css';

const text = strings.candidate;
const years = new Intl.NumberFormat(strings.locale, { maximumFractionDigits: 0 });

/** Of the two faces that are looked at: in words first, and what it is worth only for the best of them. */
function Likeness({ candidate, own, other }: { candidate: CandidateDetail; own: string; other: string }) {
  const { evidence, margin, worth, ownFace, bestFace, ageGapYears, model } = candidate;
  const best = own === ownFace && other === bestFace;
  const pair = evidence.find((one) => one.own === own && one.other === other);
  const confidence = pair?.confidence ?? undefined;
  return (
    <div className="review-words">
      {confidence === undefined ? (
        <p className="hint">{text.notAlike}</p>
      ) : (
        <Confidence
          confidence={confidence}
          {...(best && { margin })}
          {...(best && worth !== null && { worth })}
        />
      )}
      {best && ageGapYears !== null && ageGapYears >= 1 && (
        <p className="hint">{text.gap(years.format(ageGapYears))}</p>
      )}
      {model !== null && confidence !== undefined && <p className="hint">{text.model(model)}</p>}
    </div>
  );
}

interface JudgeProps {
  candidate: CandidateDetail;
  /** The one after it, of those to be judged. */
  following: string | undefined;
  /** A word was said or taken back. */
  onChange(): void;
  /** What was said was about another state of things. */
  onRefused(): void;
}

function Judge({ candidate, following, onChange, onRefused }: JudgeProps) {
  const me = useMe();
  const may = useMay('reviewer');
  const looked = useLooked(candidate);
  type After = { of: CandidateDetail; now: CandidateDetail };
  const [after, setAfter] = useState<After>();
  const now = after?.of === candidate ? after.now : candidate;
  const [note, setNote] = useState('');
  const acting = useAct();
  /** What was refused is another by now: nothing is said of it before it has come again. */
  const [refused, setRefused] = useState<CandidateDetail>();
  const busy = acting.busy || refused === candidate;
  const failed = ({ message }: Error) => {
    setNote(message);
    setRefused(candidate);
    onRefused();
  };
  const act = (
    does: () => Promise<CandidateDetail | undefined>,
    said: (standing: CandidateDetail['standing']) => string,
  ) =>
    acting.act(does, {
      done: (answer) => {
        if (answer !== undefined) setAfter({ of: candidate, now: answer });
        setNote(said(answer?.standing ?? 'open'));
        onChange();
      },
      failed,
    });
  const { id, enquiry } = candidate;
  const shown = useShown();
  const say = (word: CandidateWord, reason: string) =>
    act(
      () =>
        send<CandidateDetail>('PUT', routes.candidateWord(id), {
          word,
          ...(reason !== '' && { reason }),
          version: now.version,
        }),
      (standing) => (word === 'later' ? text.putOff : text.noted[standing]),
    );
  const undo = (word: string) =>
    act(
      () => send<CandidateDetail>('POST', routes.candidateWordUndo(word), {}),
      () => text.undone,
    );
  const withdraw = (decision: string) =>
    acting.act(() => send('POST', routes.decisionUndo(decision), {}), {
      done: () => {
        notify(text.withdrawn);
        // Where nothing else speaks for it, it is no candidate any more.
        if (shown()) go(href(['enquiries', enquiry]));
      },
      failed,
    });
  const own = now.words.findLast(({ by }) => by === me?.name);
  const next = following === undefined ? undefined : href(['enquiries', enquiry, following]);
  useKeys(text.title, [
    ...(next === undefined ? [] : [{ keys: ['j'], does: text.next, run: () => go(next) }]),
    { keys: ['Escape'], does: text.back, run: () => go(href(['enquiries', enquiry])) },
  ]);
  return (
    <>
      <p className="candidate-standing">
        <span className="status-mark" data-standing={now.standing}>
          {text.standing[now.standing]}
        </span>{' '}
        <span className="hint">{text.standingMeans[now.standing]}</span>
      </p>
      <CandidateFaces candidate={candidate} looked={looked} />
      {looked.own !== undefined && looked.other !== undefined && (
        <Likeness candidate={candidate} own={looked.own.face} other={looked.other.face} />
      )}
      <WordBar
        may={may}
        busy={busy}
        note={note}
        onSay={say}
        onUndo={may && own !== undefined ? () => void undo(own.id) : undefined}
      />
      {next !== undefined && (
        <p className="candidate-next">
          <a className="button small" href={next} aria-keyshortcuts="j">
            {text.next} <kbd>j</kbd>
          </a>
        </p>
      )}
      <CandidateWords
        words={now.words}
        proposals={now.proposals}
        may={may}
        busy={busy}
        onUndo={(word) => void undo(word)}
        onWithdraw={(decision) => void withdraw(decision)}
      />
    </>
  );
}

/** One group of faces that may show who is sought, for a person to judge. */
export function CandidateView({ enquiry, id }: { enquiry: string; id: string }) {
  useTitle(text.title);
  const [turn, setTurn] = useState(0);
  const found = useResource<CandidateDetail>(routes.candidate(id));
  const open = useResource<CandidatePage>(
    `${routes.candidates}${query({ enquiry, standing: 'open', limit: 200 })}`,
    String(turn),
  );
  const candidate = found.data;
  const following = followingOf(
    (open.data?.candidates ?? []).map((one) => one.id),
    id,
  );
  return (
    <div className="view review-view candidate-view">
      <a className="back" href={href(['enquiries', enquiry])}>
        <Icon name="back" /> {text.back}
      </a>
      <header>
        <h1>{text.title}</h1>
      </header>
      {found.error?.status === 404 && <Message title={text.title} text={text.gone} />}
      {found.error !== undefined && found.error.status !== 404 && (
        <ErrorMessage error={found.error} onRetry={found.reload} />
      )}
      {candidate === undefined && found.error === undefined && <Skeleton form="pair" count={2} />}
      {candidate?.blind === true && (
        <Message title={text.standing.secondLook} text={text.isBlind}>
          <a className="button primary" href={href(['second-look'], new URLSearchParams({ candidate: id }))}>
            {text.toSecondLook}
          </a>
        </Message>
      )}
      {candidate?.blind === false && (
        <Judge
          key={id}
          candidate={candidate}
          following={following}
          onChange={() => setTurn((now) => now + 1)}
          onRefused={found.reload}
        />
      )}
    </div>
  );
}
