import { strings } from '../strings.ts';
import './skeleton.css';

/** The form of what is coming, so that nothing jumps when it is there. */
export function Skeleton({
  form,
  count = 1,
}: {
  form: 'tiles' | 'lines' | 'picture' | 'pair';
  count?: number;
}) {
  return (
    <div className={`skeleton skeleton-${form}`} role="status">
      <span className="visually-hidden">{strings.common.loading}</span>
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <span key={index} className="skeleton-part" />
      ))}
    </div>
  );
}
