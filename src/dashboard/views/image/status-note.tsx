import type { ImageDetail } from '../../../api/contract.ts';
import { href } from '../../live/router.ts';
import { Icon } from '../../parts/icon.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { strings } from '../../strings.ts';

/** How the image's job ended, and what that means, wherever it is not simply done. */
export function StatusNote({ image }: { image: ImageDetail }) {
  const { result, timeline } = image;
  const status = result?.status ?? timeline?.end?.kind;
  const reason = result?.reason ?? timeline?.end?.reason;
  return (
    <div className="status-note">
      {image.underWay && (
        <p role="status">{result === null ? strings.image.waiting : strings.image.underWay}</p>
      )}
      {status !== undefined && status !== 'done' && (
        <p>
          <StatusMark status={status} /> {strings.statusMeans[status]}
          {reason != null && <span className="status-reason"> {reason.message}</span>}
        </p>
      )}
      {result !== null && result.warnings.length > 0 && (
        <ul className="warnings" aria-label={strings.image.warnings}>
          {result.warnings.map(({ code, message }) => (
            <li key={`${code} ${message}`}>
              <Icon name="warning" /> {message}{' '}
              <a href={href(['images'], new URLSearchParams({ warning: code }))}>{strings.image.alike}</a>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
