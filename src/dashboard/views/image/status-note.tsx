import type { ImageDetail } from '../../../api/contract.ts';
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
    </div>
  );
}
