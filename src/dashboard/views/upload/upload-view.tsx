import { useEffect, useState } from 'react';
import { routes } from '../../../api/routes.ts';
import { send } from '../../live/client.ts';
import { useMay } from '../../live/me.ts';
import { useStore } from '../../live/store.ts';
import { useTitle } from '../../live/use-title.ts';
import { strings } from '../../strings.ts';
import { changeOf, isPast, type Terms, touched } from '../batches/terms-fields.tsx';
import { BatchNote } from './batch-note.tsx';
import { DropZone } from './drop-zone.tsx';
import type { NamedFile } from './dropped-files.ts';
import { add, busy, uploads } from './queue.ts';
import { TermsFirst } from './terms-first.ts';
import { UploadList } from './upload-list.tsx';
import { UploadTerms, useTermsOf } from './upload-terms.tsx';
import './upload.css';

const text = strings.upload;
const day = () => new Date().toISOString().slice(0, 10);

/** The name last given stays for the next drop. */
let lastBatch: string | undefined;

export function UploadView() {
  useTitle(text.title);
  const may = useMay('operator');
  const all = useStore(uploads);
  const [batch, setBatch] = useState(() => lastBatch ?? text.newBatch(day()));
  const [given, setGiven] = useState<{ batch: string; terms: Partial<Terms> }>();
  const [problem, setProblem] = useState<string>();
  const sending = busy(all);
  const name = batch.trim() === '' ? text.newBatch(day()) : batch.trim();
  const { known, terms: before } = useTermsOf(name);
  // Only what was typed here is laid over them: what somebody else has set, or what has not come yet, is not taken away.
  const typed = given?.batch === name ? given.terms : {};
  const terms = { ...before, ...typed };

  useEffect(() => {
    if (!sending) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [sending]);

  // The terms are there before the first photograph is: none is worked on without them.
  const take = (files: NamedFile[], maxBytes: number | undefined) => {
    setProblem(undefined);
    if (isPast(terms)) return setProblem(strings.terms.past);
    const change = changeOf(before, terms);
    const first =
      Object.keys(change).length > 0
        ? new TermsFirst(() => send('PUT', routes.batch(name), change))
        : undefined;
    add(files, name, maxBytes, first);
  };
  return (
    <div className="view upload-view">
      <header>
        <h1>{text.title}</h1>
      </header>
      <div className="field batch-field">
        <label htmlFor="batch">{text.batch}</label>
        <input
          id="batch"
          type="text"
          value={batch}
          maxLength={400}
          spellCheck={false}
          aria-describedby="batch-hint"
          onChange={(event) => {
            lastBatch = event.target.value;
            setBatch(event.target.value);
          }}
        />
        <span className="hint" id="batch-hint">
          {text.batchHint}
        </span>
      </div>
      {may && (
        <UploadTerms
          known={known}
          terms={terms}
          onChange={(changed) => setGiven({ batch: name, terms: touched(terms, changed, typed) })}
        />
      )}
      {problem !== undefined && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <DropZone
        disabled={!may}
        small={all.length > 0}
        onFiles={take}
        onUnread={(names) => setProblem(text.unread(names))}
      />
      {all.length > 0 && (
        <>
          {/* A batch is there once its first photograph is: to ask for it earlier is an error in every log. */}
          {[...new Set(all.flatMap(({ batchId }) => batchId ?? []))].map((one) => (
            <BatchNote key={one} batch={one} />
          ))}
          <UploadList all={all} />
        </>
      )}
    </div>
  );
}
