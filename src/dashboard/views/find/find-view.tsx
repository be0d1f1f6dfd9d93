import { useEffect, useRef, useState } from 'react';
import { useMay } from '../../live/me.ts';
import { useTitle } from '../../live/use-title.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { Icon } from '../../parts/icon.tsx';
import { NeedsRole } from '../../parts/needs-role.tsx';
import { Skeleton } from '../../parts/skeleton.tsx';
import { useDrop } from '../../parts/use-drop.ts';
import { strings } from '../../strings.ts';
import { faceFile } from './face-file.ts';
import { Found } from './found.tsx';
import { useFaceSearch } from './use-face-search.ts';
import './find.css';

const text = strings.find;

interface FindViewProps {
  /** A face of an image here that is searched by; both or none. */
  face: string | null;
  image: string | null;
}

/** Search by a photograph that is not, and will not be, among those here; or by a face that is. */
export function FindView({ face, image }: FindViewProps) {
  useTitle(text.title);
  const may = useMay('operator');
  const { photograph, answer, error, own, search, again } = useFaceSearch();
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<string>();
  const begin = useRef(search);
  begin.current = search;
  const waiting = useRef<AbortController>(undefined);
  useEffect(() => {
    if (face === null || image === null || !may) return;
    const abort = new AbortController();
    waiting.current = abort;
    faceFile(image, face, abort.signal).then(
      (file) => {
        if (!abort.signal.aborted) begin.current(file, image);
      },
      (error: Error) => {
        if (!abort.signal.aborted) setProblem(error.message);
      },
    );
    return () => abort.abort();
  }, [face, image, may]);
  // Whoever chooses a photograph no longer waits for the face of the address.
  const choose = (file: File) => {
    waiting.current?.abort();
    setProblem(undefined);
    search(file);
  };
  const drop = useDrop(!may, ({ files: [file] }) => {
    if (file !== undefined) choose(file);
  });
  return (
    <div className="view find-view">
      <header>
        <h1>{text.title}</h1>
        <p>
          {face === null || (photograph !== undefined && own === undefined) ? text.intro : text.introFace}
        </p>
      </header>
      {problem !== undefined && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <section
        className="drop-zone"
        data-small={photograph !== undefined || undefined}
        aria-label={text.drop}
        {...drop}
      >
        {photograph === undefined && <Icon name="face" />}
        <p className="drop-title">{text.drop}</p>
        <button
          type="button"
          className="button primary"
          disabled={!may}
          onClick={() => input.current?.click()}
        >
          {photograph === undefined ? text.choose : text.another}
        </button>
        <NeedsRole least="operator" />
        <input
          ref={input}
          type="file"
          hidden
          accept="image/*"
          data-testid="photograph"
          onChange={({ target }) => {
            const [file] = target.files ?? [];
            if (file !== undefined) choose(file);
            // The same file may be chosen again.
            target.value = '';
          }}
        />
      </section>
      {error !== undefined && <ErrorMessage error={error} onRetry={again} />}
      {photograph !== undefined && answer === undefined && error === undefined && (
        <div className="find-looking">
          <p>{text.looking}</p>
          <Skeleton form="pair" count={2} />
        </div>
      )}
      {photograph !== undefined && answer !== undefined && (
        <Found key={photograph} photograph={photograph} answer={answer} own={own} />
      )}
    </div>
  );
}
