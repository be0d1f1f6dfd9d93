import { strings } from '../strings.ts';

export function Spinner() {
  return (
    <div className="spinner" role="status">
      <span className="visually-hidden">{strings.common.loading}</span>
    </div>
  );
}
