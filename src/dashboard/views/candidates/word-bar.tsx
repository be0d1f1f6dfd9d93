import { useRef, useState } from 'react';
import { useCommands } from '../../live/commands.ts';
import { useKeys } from '../../live/keys.ts';
import { NeedsRole } from '../../parts/needs-role.tsx';
import { strings } from '../../strings.ts';

const text = strings.candidate;

export type CandidateWord = 'same' | 'different' | 'later';

const ANSWERS = [
  { word: 'same', key: 'y', look: '' },
  { word: 'different', key: 'n', look: '' },
  { word: 'later', key: 'l', look: 'quiet' },
] as const;

interface WordBarProps {
  may: boolean;
  busy: boolean;
  note: string;
  /** Absent where there is nothing to take back. */
  onUndo?: (() => void) | undefined;
  /** @returns whether the word was taken: what was written with one that was not stays */
  onSay(word: CandidateWord, reason: string): Promise<boolean>;
  /** How many are left, say. */
  progress?: string;
}

/** The question and its three answers, with room for why: none is offered before another. */
export function WordBar({ may, busy, note, onUndo, onSay, progress }: WordBarProps) {
  const [reason, setReason] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const say = async (word: CandidateWord) => {
    if (!may || busy) return;
    // Not what was typed since.
    if (await onSay(word, reason.trim())) setReason((now) => (now === reason ? '' : now));
  };
  const undo = () => {
    if (!busy) onUndo?.();
  };
  const acts = [
    ...ANSWERS.map(({ word, key }) => ({ keys: [key], does: text[word], run: () => void say(word) })),
    { keys: ['r'], does: text.keys.reason, run: () => input.current?.focus() },
    ...(onUndo === undefined ? [] : [{ keys: ['u'], does: text.undo, run: undo }]),
  ];
  useKeys(text.question, acts);
  useCommands(
    text.question,
    may ? acts.map(({ keys: [key = ''], does, run }) => ({ label: does, key, run })) : [],
  );
  return (
    <div className="review-bar">
      <div className="review-buttons">
        <h2>{text.question}</h2>
        {ANSWERS.map(({ word, key, look }) => (
          <button
            key={word}
            type="button"
            className={`button ${look}`}
            disabled={!may || busy}
            aria-keyshortcuts={key}
            onClick={() => void say(word)}
          >
            {text[word]} <kbd>{key}</kbd>
          </button>
        ))}
      </div>
      {may && (
        <input
          ref={input}
          className="word-reason"
          type="text"
          maxLength={2000}
          value={reason}
          placeholder={text.reason}
          aria-label={text.reason}
          aria-keyshortcuts="r"
          onChange={({ target }) => setReason(target.value)}
          onKeyDown={(event) => {
            // Back to where y, n and l are answers.
            if (event.key === 'Escape' || event.key === 'Enter') {
              event.preventDefault();
              event.stopPropagation();
              input.current?.blur();
            }
          }}
        />
      )}
      <div className="review-note">
        <span role="status">{note}</span>
        {onUndo !== undefined && (
          <button type="button" className="button small" aria-keyshortcuts="u" disabled={busy} onClick={undo}>
            {text.undo} <kbd>u</kbd>
          </button>
        )}
        {progress !== undefined && <span className="review-progress">{progress}</span>}
      </div>
      <NeedsRole least="reviewer" />
    </div>
  );
}
