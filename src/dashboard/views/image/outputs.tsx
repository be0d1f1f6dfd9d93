import type { ImageResultView, Pipeline } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { addedOutputs, fieldAt, isObject } from '../../../domain/step-output.ts';
import { count } from '../../live/format.ts';
import { useResource } from '../../live/use-resource.ts';
import { strings } from '../../strings.ts';
import './outputs.css';

const text = strings.image;
/** Entries of one list, and levels, that are shown: the rest is for programs. */
const MOST = 20;
const DEPTH = 6;

function Value({ value, depth = 0 }: { value: unknown; depth?: number }) {
  if (value === null || value === undefined) return <span className="hint">–</span>;
  if (typeof value === 'boolean') return value ? text.yes : text.no;
  if (typeof value === 'number') return count(value);
  if (!isObject(value)) return <bdi>{String(value)}</bdi>;
  const entries = Object.entries(value);
  if (entries.length === 0 || depth === DEPTH) return <span className="hint">–</span>;
  const rest = entries.length - MOST;
  return (
    <ul className="output-tree">
      {entries.slice(0, MOST).map(([name, part]) => (
        <li key={name}>
          {!Array.isArray(value) && <span className="output-name">{name}</span>}
          <Value value={part} depth={depth + 1} />
        </li>
      ))}
      {rest > 0 && <li className="hint">{strings.upload.more(rest)}</li>}
    </ul>
  );
}

/** What steps found that the page knows nothing of: by the words that a step names for it, or as it is. */
export function Outputs({ result }: { result: ImageResultView }) {
  const { data } = useResource<Pipeline>(routes.pipeline);
  const own = addedOutputs(result.output);
  if (own.length === 0) return null;
  return (
    <section className="outputs">
      <h2>{text.outputs}</h2>
      {own.map(([name, output]) => {
        const step = data?.steps.find((one) => one.name === name);
        const view = step?.view ?? null;
        return (
          <div key={name} className="output">
            <h3>
              {step?.title ?? name} {step !== undefined && step.title !== name && <code>{name}</code>}
            </h3>
            {view === null ? (
              <Value value={output} />
            ) : (
              <dl>
                {Object.entries(view).map(([path, words]) => (
                  <div key={path}>
                    <dt>{words}</dt>
                    <dd>
                      <Value value={fieldAt(output, path)} />
                    </dd>
                  </div>
                ))}
              </dl>
            )}
          </div>
        );
      })}
    </section>
  );
}
