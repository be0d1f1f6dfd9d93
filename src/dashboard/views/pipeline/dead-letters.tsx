import { useState } from 'react';
import type { DeadLetterPage } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { usePulse } from '../../live/live.ts';
import { useResource } from '../../live/use-resource.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { strings } from '../../strings.ts';
import { DeadLetterLine } from './dead-letter-line.tsx';

const text = strings.pipeline;

export function DeadLetters() {
  const { data, error, reload } = useResource<DeadLetterPage>(routes.deadLetters, usePulse());
  const [note, setNote] = useState('');
  const changed = (what: string) => {
    setNote(what);
    reload();
  };
  return (
    <section aria-labelledby="dead-letters">
      <h2 id="dead-letters">{text.deadLetters}</h2>
      <p className="hint">{text.deadLettersIntro}</p>
      <p role="status">{note}</p>
      {error !== undefined && <ErrorMessage error={error} onRetry={reload} />}
      {data?.deadLetters.length === 0 && <p>{text.noDeadLetters}</p>}
      <ul className="dead-letters">
        {data?.deadLetters.map((letter) => (
          <li key={`${letter.queue} ${letter.id}`}>
            <DeadLetterLine letter={letter} onChange={changed} />
          </li>
        ))}
      </ul>
    </section>
  );
}
