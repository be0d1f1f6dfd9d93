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
  const [asked, setAsked] = useState<'add' | 'facts' | 'propose' | Ending>();
  const add = () => enquiry !== undefined && setAsked('add');
  const edit = () => enquiry !== undefined && setAsked('facts');
  // Nobody is put forward for an enquiry that is over.
  const isOver = enquiry !== undefined && ['reunited', 'closed', 'withdrawn'].includes(enquiry.state);
  const propose = () => enquiry !== undefined && !isOver && setAsked('propose');
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
                <button
                  key={next}
                  type="button"
                  className="button small quiet"
                  onClick={() => setAsked(next)}
                >
                  {text.become[next]}
                </button>
              ))}
            </div>
          </header>
          <EnquiryPhotographs enquiry={enquiry} onAdd={add} onChange={changed} />
          <CandidateList enquiry={enquiry} searching={underWay} turn={turn} />
          <EnquiryTimeline id={id} stamp={`${stamp} ${turn}`} onNote={changed} />
          {asked === 'add' && (
            <AddDialog enquiry={id} onClose={() => setAsked(undefined)} onAdded={changed} />
          )}
          {asked === 'facts' && (
            <FactsDialog enquiry={enquiry} onClose={() => setAsked(undefined)} onChange={changed} />
          )}
          {asked === 'propose' && <ProposeDialog enquiry={enquiry} onClose={() => setAsked(undefined)} />}
          {asked !== undefined && asked !== 'add' && asked !== 'facts' && asked !== 'propose' && (
            <EndDialog enquiry={enquiry} to={asked} onClose={() => setAsked(undefined)} onChange={changed} />
          )}
        </>
      )}
    </div>
  );
}
