import { useRef } from 'react';
import { useMay } from '../../live/me.ts';
import { useTitle } from '../../live/use-title.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Spinner } from '../../parts/spinner.tsx';
import { useDrop } from '../../parts/use-drop.ts';
import { strings } from '../../strings.ts';
import { Found } from './found.tsx';
import { useFaceSearch } from './use-face-search.ts';
import './find.css';

const text = strings.find;

/** Search by a photograph that is not, and will not be, among those here. */
export function FindView() {
  useTitle(text.title);
  const may = useMay('operator');
  const { photograph, answer, error, search, again } = useFaceSearch();
  const input = useRef<HTMLInputElement>(null);
  const drop = useDrop(!may, ({ files: [file] }) => {
    if (file !== undefined) search(file);
  });
  return (
    <div className="view find-view">
      <header>
        <h1>{text.title}</h1>
        <p>{text.intro}</p>
      </header>
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
        {!may && <p className="hint">{strings.common.onlyOperators}</p>}
        <input
          ref={input}
          type="file"
          hidden
          accept="image/*"
          data-testid="photograph"
          onChange={({ target }) => {
            const [file] = target.files ?? [];
            if (file !== undefined) search(file);
            // The same file may be chosen again.
            target.value = '';
          }}
        />
      </section>
      {error !== undefined && <ErrorMessage error={error} onRetry={again} />}
      {photograph !== undefined && answer === undefined && error === undefined && (
        <div className="find-looking">
          <Spinner />
          <p role="status">{text.looking}</p>
        </div>
      )}
      {photograph !== undefined && answer !== undefined && (
        <Found key={photograph} photograph={photograph} answer={answer} />
      )}
    </div>
  );
}
