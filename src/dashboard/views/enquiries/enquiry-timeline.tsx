import { useState } from 'react';
import type { EnquiryEvents } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { query, send } from '../../live/client.ts';
import { dateTime } from '../../live/format.ts';
import { href } from '../../live/router.ts';
import { useAct } from '../../live/use-act.ts';
import { useNewId } from '../../live/use-new-id.ts';
import { usePages } from '../../live/use-pages.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { MoreButton } from '../../parts/more-button.tsx';
import { strings } from '../../strings.ts';

const text = strings.enquiries;
const MACHINE = 'imaginem';

type Happened = EnquiryEvents['events'][number];

const stateName = (state: string): string => text.states[state as keyof typeof text.states] ?? state;

function Line({ enquiry, happened }: { enquiry: string; happened: Happened }) {
  const { at, who, kind, candidate, from, to, note } = happened;
  return (
    <li>
      <p>
        {kind !== 'found' && kind !== 'contested' && (
          <strong>
            <bdi>{who === MACHINE ? text.machine : who}</bdi>
          </strong>
        )}{' '}
        {text.kinds[kind]}
        {kind === 'state' && from !== null && to !== null && (
          <span>: {text.fromTo(stateName(from), stateName(to))}</span>
        )}{' '}
        <time className="hint" dateTime={at}>
          {dateTime(at)}
        </time>
      </p>
      {note !== null && (
        <p className="event-note">
          <bdi>{note}</bdi>
        </p>
      )}
      {candidate !== null && <a href={href(['enquiries', enquiry, candidate])}>{text.seeCandidate}</a>}
    </li>
  );
}

interface EnquiryTimelineProps {
  id: string;
  stamp: string;
  onNote(): void;
}

/** What happened, newest first, and room for what people know. */
export function EnquiryTimeline({ id, stamp, onNote }: EnquiryTimelineProps) {
  const [note, setNote] = useState('');
  const { busy, act } = useAct();
  const newId = useNewId();
  const { items, more, error, loadMore, reload } = usePages<Happened>(
    (after) => `${routes.enquiryEvents(id)}${query({ limit: 20, after })}`,
    'events',
    stamp,
  );
  const add = () =>
    void act(() => send('POST', routes.enquiryNotes(id), { id: newId.of(note.trim()), note: note.trim() }), {
      done: () => {
        newId.used();
        // Not what was typed since.
        setNote((now) => (now === note ? '' : now));
        onNote();
      },
    });
  return (
    <section aria-labelledby="enquiry-timeline">
      <h2 id="enquiry-timeline">{text.timeline}</h2>
      <form
        className="note-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (note.trim() !== '') add();
        }}
      >
        <div className="field">
          <label htmlFor="enquiry-note">{text.note}</label>
          <input
            id="enquiry-note"
            type="text"
            maxLength={4000}
            value={note}
            aria-describedby="enquiry-note-hint"
            onChange={({ target }) => setNote(target.value)}
          />
          <span className="hint" id="enquiry-note-hint">
            {text.noteHint}
          </span>
        </div>
        <button type="submit" className="button" disabled={busy || note.trim() === ''}>
          {text.addNote}
        </button>
      </form>
      {error !== undefined && <ErrorMessage error={error} onRetry={reload} />}
      <ol className="events">
        {items?.map((happened) => (
          <Line key={happened.id} enquiry={id} happened={happened} />
        ))}
      </ol>
      <MoreButton more={more} loadMore={loadMore} />
    </section>
  );
}
