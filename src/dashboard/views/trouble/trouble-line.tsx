import { useState } from 'react';
import type { TroubleGroup } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import type { BulkItems, BulkKind } from '../../live/bulk.ts';
import { send } from '../../live/client.ts';
import { ago } from '../../live/format.ts';
import { lookNow } from '../../live/live.ts';
import { useMay } from '../../live/me.ts';
import { notify } from '../../live/notices.ts';
import { useAct } from '../../live/use-act.ts';
import { strings } from '../../strings.ts';
import { BulkDialog } from '../bulk/bulk-dialog.tsx';
import { filterOf } from './filter-of.ts';
import { GroupImages } from './group-images.tsx';
import { GroupLetters } from './group-letters.tsx';

const text = strings.trouble;

interface Asked {
  kind: BulkKind;
  items: BulkItems;
  step?: string;
  onlyFailed?: boolean;
}

/** What the one button of a group asks for. */
function askedBy(group: TroubleGroup): Asked | undefined {
  const { kind, step, code, act } = group;
  if (act === 'replay' && step !== null && code !== null)
    return { kind: 'replay', items: { queue: step, code } };
  const filter = filterOf(group);
  if (act !== 'rerun' || filter === undefined) return undefined;
  return {
    kind: 'rerun',
    items: { filter },
    ...(kind === 'failed' && step !== null && { step, onlyFailed: true }),
  };
}

interface TroubleLineProps {
  group: TroubleGroup;
  open: boolean;
  onOpen(): void;
  onChange(): void;
}

/** One reason: what went wrong, for how many, what to do, and the button that does it. */
export function TroubleLine({ group, open, onOpen, onChange }: TroubleLineProps) {
  const { kind, step, title, code, count, countIsMinimum, meaning, advice, latest, act } = group;
  const operator = useMay('operator');
  const administrator = useMay('administrator');
  const [asked, setAsked] = useState<Asked>();
  const letters = kind === 'dead' || kind === 'waiting';
  const button = askedBy(group);
  const { busy, act: once } = useAct(group, () => {
    lookNow();
    onChange();
  });
  const resume = () =>
    void once(() => send('DELETE', routes.pause(step ?? '')), { done: () => notify(text.resumed) });
  return (
    <article className="trouble" data-kind={kind}>
      <div className="trouble-words">
        <h3>{meaning}</h3>
        <p className="trouble-facts hint">
          <strong>{(letters ? text.messages : text.images)(count, countIsMinimum)}</strong>
          {title !== null && (
            <span>
              {title} {title !== step && <code>{step}</code>}
            </span>
          )}
          {code !== null && <code>{code}</code>}
          {latest !== null && <span>{ago(latest)}</span>}
        </p>
        {advice !== null && (
          <p className="trouble-advice">
            <span className="visually-hidden">{text.todo}: </span>
            {advice}
          </p>
        )}
      </div>
      <div className="trouble-acts">
        {operator && button !== undefined && (act === 'rerun' || act === 'replay') && (
          <button type="button" className="button small" onClick={() => setAsked(button)}>
            {text.act[act](count)}
          </button>
        )}
        {operator && act === 'resume' && (
          <button type="button" className="button small" disabled={busy} onClick={resume}>
            {text.act.resume}
          </button>
        )}
        {administrator && kind === 'dead' && step !== null && code !== null && (
          <button
            type="button"
            className="button small quiet"
            onClick={() => setAsked({ kind: 'drop', items: { queue: step, code } })}
          >
            {text.drop}
          </button>
        )}
        {kind !== 'waiting' && (
          <button type="button" className="button small quiet" aria-expanded={open} onClick={onOpen}>
            {open ? text.hide : text.show}
          </button>
        )}
      </div>
      {open &&
        (kind === 'dead' ? (
          <GroupLetters group={group} onChange={onChange} />
        ) : (
          <GroupImages group={group} />
        ))}
      {asked !== undefined && (
        <BulkDialog
          {...asked}
          onClose={() => setAsked(undefined)}
          onStarted={() => {
            lookNow();
            onChange();
          }}
        />
      )}
    </article>
  );
}
