import type { Calibration, Interval } from '../../../api/contract.ts';
import { strings } from '../../strings.ts';

const text = strings.calibration;

export const inWords = (one: Interval | null): string =>
  one === null ? text.few : text.interval(one.share, one.low, one.high);

/** Error rates of parts of the archive, where the case data say so and enough was decided. */
export function Slices({
  title,
  hint,
  slices,
}: {
  title: string;
  hint?: string;
  slices: Calibration['groups'];
}) {
  if (slices.length === 0) return null;
  return (
    <section>
      <h2>{title}</h2>
      {hint !== undefined && <p className="hint">{hint}</p>}
      <div className="table-frame">
        <table className="plain">
          <thead>
            <tr>
              {[text.group, text.pairs, text.persons, text.missedColumn, text.wrongColumn].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {slices.map(({ name, pairs, persons, missed, wrongAmongOffered }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{pairs}</td>
                <td>{persons}</td>
                <td>{inWords(missed)}</td>
                <td>{inWords(wrongAmongOffered)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
