import { useEffect, useState } from 'react';
import { useMay } from '../../live/me.ts';
import { useStore } from '../../live/store.ts';
import { useTitle } from '../../live/use-title.ts';
import { strings } from '../../strings.ts';
import { BatchNote } from './batch-note.tsx';
import { DropZone } from './drop-zone.tsx';
import { add, busy, uploads } from './queue.ts';
import { UploadList } from './upload-list.tsx';
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
  const sending = busy(all);

  useEffect(() => {
    if (!sending) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [sending]);

  const name = batch.trim() === '' ? text.newBatch(day()) : batch.trim();
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
      <DropZone
        disabled={!may}
        small={all.length > 0}
        onFiles={(files, maxBytes) => add(files, name, maxBytes)}
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
