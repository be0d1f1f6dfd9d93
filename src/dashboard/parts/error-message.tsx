import type { ApiError } from '../live/client.ts';
import { strings } from '../strings.ts';
import { Message } from './message.tsx';

export function ErrorMessage({ error, onRetry }: { error: ApiError; onRetry?: () => void }) {
  return (
    <Message kind="error" title={strings.common.somethingWrong} text={error.message}>
      {onRetry !== undefined && (
        <button type="button" className="button" onClick={onRetry}>
          {strings.common.tryAgain}
        </button>
      )}
    </Message>
  );
}
