import { useLive } from '../live/live.ts';
import { strings } from '../strings.ts';

/** What keeps images from being worked on, on every view: whoever waits for a result looks anywhere. */
export function Halts() {
  const { live, refusal } = useLive();
  const messages = refusal === undefined ? (live?.halts ?? []).map(({ message }) => message) : [refusal];
  // Always there, so that a screen reader is told of what comes into it.
  return (
    <div className="halts" role="status">
      {messages.map((message) => (
        <p className="halt" key={message}>
          <strong>{strings.common.halted}</strong> {message}
        </p>
      ))}
    </div>
  );
}
