import { useState } from 'react';
import type { TroubleGroup, Troubles } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { useLive, usePulse } from '../../live/live.ts';
import { href } from '../../live/router.ts';
import { useResource } from '../../live/use-resource.ts';
import { useTitle } from '../../live/use-title.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { Message } from '../../parts/message.tsx';
import { Skeleton } from '../../parts/skeleton.tsx';
import { strings } from '../../strings.ts';
import { TroubleLine } from './trouble-line.tsx';
import './trouble.css';

const text = strings.trouble;
/** What keeps photographs from being worked on at all comes first, what follows from something else last. */
const KINDS: readonly TroubleGroup['kind'][] = ['waiting', 'dead', 'failed', 'rejected', 'skipped'];

const keyOf = ({ kind, step, code }: TroubleGroup): string => `${kind} ${step} ${code}`;

/** One list of everything that went wrong, by reason. */
export function TroubleView() {
  useTitle(text.title);
  const { data, error, reload } = useResource<Troubles>(routes.troubles, usePulse());
  const [open, setOpen] = useState<string>();
  const { live, refusal } = useLive();
  const halted = refusal !== undefined || (live?.halts.length ?? 0) > 0;
  const groups = data?.groups ?? [];
  return (
    <div className="view trouble-view">
      <header>
        <h1>{text.title}</h1>
        <p>{text.intro}</p>
      </header>
      {error !== undefined && <ErrorMessage error={error} onRetry={reload} />}
      {data === undefined && error === undefined && <Skeleton form="lines" count={4} />}
      {data !== undefined && groups.length === 0 && (
        <Message title={halted ? text.haltedTitle : text.none} text={halted ? text.halted : text.noneText}>
          <a className="button" href={href(['pipeline'])}>
            {text.toPipeline}
          </a>
        </Message>
      )}
      {KINDS.map((kind) => {
        const own = groups.filter((group) => group.kind === kind);
        if (own.length === 0) return null;
        return (
          <section key={kind} className="trouble-kind" aria-labelledby={`trouble-${kind}`}>
            <h2 id={`trouble-${kind}`}>{text.kinds[kind]}</h2>
            <p className="hint">{text.kindMeans[kind]}</p>
            <ul>
              {own.map((group) => (
                <li key={keyOf(group)}>
                  <TroubleLine
                    group={group}
                    open={open === keyOf(group)}
                    onOpen={() => setOpen(open === keyOf(group) ? undefined : keyOf(group))}
                    onChange={reload}
                  />
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}
