import { useState } from 'react';
import type { BulkKind } from '../../live/bulk.ts';
import { useMay } from '../../live/me.ts';
import { Icon } from '../../parts/icon.tsx';
import { strings } from '../../strings.ts';
import { TermsDialog } from '../batches/terms-dialog.tsx';
import { BulkDialog } from '../bulk/bulk-dialog.tsx';
import type { Selection } from './selection.ts';
import type { Selecting } from './use-selection.ts';

interface SelectionBarProps {
  selecting: Selecting;
  /** How many fit the filters, as far as it is known. */
  total: number;
  more: boolean;
  /** Of what is selected and shown: batches. */
  batches: readonly string[];
  onDone(): void;
}

const text = strings.selection;

/** What is selected, and what can be done to exactly that. */
export function SelectionBar({ selecting, total, more, batches, onDone }: SelectionBarProps) {
  const operator = useMay('operator');
  const administrator = useMay('administrator');
  const [what, setAsked] = useState<{ kind: BulkKind | 'terms'; of: Selection }>();
  const { count, selection } = selecting;
  const asked = what?.kind;
  const ask = (kind: BulkKind | 'terms') => setAsked({ kind, of: selection });
  const close = () => setAsked(undefined);
  const none = count === 0;
  return (
    <section className="selection-bar" aria-label={text.label}>
      <p role="status">
        <strong>{text.selected(count)}</strong>
        {selection.kind === 'all' && <span className="hint">{text.allSelected}</span>}
      </p>
      {selection.kind === 'some' && count < total && (
        <button type="button" className="link" onClick={selecting.all}>
          {text.all(total, more)}
        </button>
      )}
      <span className="selection-acts">
        {operator && (
          <>
            <button type="button" className="button small" disabled={none} onClick={() => ask('rerun')}>
              {text.rerun}
            </button>
            <button type="button" className="button small" disabled={none} onClick={() => ask('terms')}>
              {text.terms}
            </button>
            <button type="button" className="button small" disabled={none} onClick={() => ask('export')}>
              {text.export}
            </button>
          </>
        )}
        {administrator && (
          <button type="button" className="button small danger" disabled={none} onClick={() => ask('erase')}>
            {text.erase}
          </button>
        )}
        <button
          type="button"
          className="icon-button"
          aria-label={text.none}
          title={text.none}
          onClick={() => selecting.clear()}
        >
          <Icon name="close" />
        </button>
      </span>
      {asked === 'terms' && <TermsDialog batches={batches} onClose={close} />}
      {asked !== undefined && asked !== 'terms' && (
        <BulkDialog
          kind={asked}
          items={selecting.items()}
          onClose={close}
          onStarted={() => {
            // Not what was chosen since.
            if (asked !== 'export') selecting.clear(what?.of);
            onDone();
          }}
        />
      )}
    </section>
  );
}
