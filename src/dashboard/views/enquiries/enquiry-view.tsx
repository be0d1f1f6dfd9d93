import { useState } from 'react';
import type { EnquiryDetail } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { useCommands } from '../../live/commands.ts';
import { useKeys } from '../../live/keys.ts';
import { useStamp } from '../../live/live.ts';
import { go, href } from '../../live/router.ts';
import { useResource } from '../../live/use-resource.ts';
import { useTitle } from '../../live/use-title.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Skeleton } from '../../parts/skeleton.tsx';
import { strings } from '../../strings.ts';
import { AddDialog } from './add-dialog.tsx';
import { CandidateList } from './candidate-list.tsx';
import { EndDialog, type Ending } from './end-dialog.tsx';
import { EnquiryFacts } from './enquiry-facts.tsx';
import { EnquiryPhotographs } from './enquiry-photographs.tsx';
import { titleOf } from './enquiry-state.tsx';
import { EnquiryTimeline } from './enquiry-timeline.tsx';
import { FactsDialog } from './facts-dialog.tsx';
import { ProposeDialog } from './propose-dialog.tsx';
import './enquiries.css';

const text = strings.enquiries;

interface AskedProps {
  what: 'add' | 'facts' | 'propose' | Ending;
  of: EnquiryDetail;
  now: EnquiryDetail;
  onClose(): void;
  onChange(): void;
}

function Asked({ what, of, now, onClose, onChange }: AskedProps) {
  if (what === 'add') return <AddDialog enquiry={of.id} onClose={onClose} onAdded={onChange} />;
  if (what === 'facts') return <FactsDialog enquiry={of} onClose={onClose} onChange={onChange} />;
  if (what === 'propose') return <ProposeDialog enquiry={now} onClose={onClose} />;
  return <EndDialog enquiry={of} to={what} onClose={onClose} onChange={onChange} />;
}

/** One search: who is sought by which photographs, what may show them, and what happened. */
export function EnquiryView({ id }: { id: string }) {
  const stamp = useStamp();
  const [pending, setPending] = useState(true);
  // Every look at an enquiry is written down: it is looked at again only while a photograph of it is under way.
  const found = useResource<EnquiryDetail>(routes.enquiry(id), pending ? stamp : '');
  const enquiry = found.data;
  const underWay = enquiry?.photographs.some(({ status }) => status === null) ?? true;
  if (underWay !== pending) setPending(underWay);
  useTitle(enquiry && titleOf(enquiry));
  // With the enquiry as it was then: what somebody else changes meanwhile must not be written over unseen.
  const [asked, setAsked] = useState<{ what: 'add' | 'facts' | 'propose' | Ending; of: EnquiryDetail }>();
  const ask = (what: 'add' | 'facts' | 'propose' | Ending) =>
    enquiry !== undefined && setAsked({ what, of: enquiry });
  const add = () => ask('add');
  const edit = () => ask('facts');
  // Nobody is put forward for an enquiry that is over.
  const isOver = enquiry !== undefined && ['reunited', 'closed', 'withdrawn'].includes(enquiry.state);
  const propose = () => !isOver && ask('propose');
  const bindings = [
    { keys: ['e'], does: text.changeFacts, run: edit },
    { keys: ['a'], does: text.addPhotographs, run: add },
    { keys: ['f'], does: text.propose, run: propose },
    { keys: ['Escape'], does: text.keys.back, run: () => go(href(['enquiries'])) },
  ];
  useKeys(text.title, bindings);
  useCommands(text.title, [
    { label: text.addPhotographs, key: 'a', run: add },
    { label: text.changeFacts, key: 'e', run: edit },
    { label: text.propose, key: 'f', run: propose },
  ]);
  const [turn, setTurn] = useState(0);
  const changed = () => {
    found.reload();
    setTurn((now) => now + 1);
  };
  // What was refused was refused for what stands there by now.
  const close = () => {
    setAsked(undefined);
    found.reload();
  };
  return (
    <div className="view enquiry-view">
      <a className="back" href={href(['enquiries'])}>
        <Icon name="back" /> {text.backToList}
      </a>
      {found.error !== undefined && <ErrorMessage error={found.error} onRetry={found.reload} />}
      {enquiry === undefined && found.error === undefined && <Skeleton form="lines" count={5} />}
      {enquiry !== undefined && (
        <>
          <header>
            <h1>
              <bdi>{titleOf(enquiry)}</bdi>
            </h1>
            <EnquiryFacts enquiry={enquiry} />
            <div className="enquiry-acts">
              <button type="button" className="button small" aria-keyshortcuts="a" onClick={add}>
                {text.addPhotographs} <kbd>a</kbd>
              </button>
              <button type="button" className="button small" aria-keyshortcuts="e" onClick={edit}>
                {text.changeFacts} <kbd>e</kbd>
              </button>
              {!isOver && (
                <button type="button" className="button small" aria-keyshortcuts="f" onClick={propose}>
                  {text.propose} <kbd>f</kbd>
                </button>
              )}
              {enquiry.next.map((next) => (
                <button key={next} type="button" className="button small quiet" onClick={() => ask(next)}>
                  {text.become[next]}
                </button>
              ))}
            </div>
          </header>
          <EnquiryPhotographs enquiry={enquiry} onAdd={add} onChange={changed} />
          <CandidateList enquiry={enquiry} searching={underWay} turn={turn} />
          <EnquiryTimeline id={id} stamp={`${stamp} ${turn}`} onNote={changed} />
          {asked !== undefined && <Asked {...asked} now={enquiry} onClose={close} onChange={changed} />}
        </>
      )}
    </div>
  );
}
