import { useState } from 'react';
import type { ImageResultView } from '../../../api/contract.ts';
import { categoryName, percent } from '../../live/format.ts';
import { href } from '../../live/router.ts';
import { strings } from '../../strings.ts';

const text = strings.image;

function CopyText({ value }: { value: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <button
      type="button"
      className="button small quiet"
      onClick={() =>
        navigator.clipboard.writeText(value).then(
          () => setCopied(true),
          () => setCopied(false),
        )
      }
    >
      <span role="status">{copied ? text.copied : text.copy}</span>
    </button>
  );
}

/** Caption, tags, categories and text: what the machine says of the picture. */
export function Findings({ result }: { result: ImageResultView }) {
  return (
    <>
      {result.caption !== null && (
        <section>
          <p className="caption">{result.caption}</p>
          <p className="hint">{text.captionNote}</p>
        </section>
      )}
      <section>
        <h2>{text.tags}</h2>
        {result.tags.length === 0 && <p className="hint">{text.noTags}</p>}
        <ul className="tag-list">
          {result.tags.map((tag) => (
            <li key={tag.name}>
              <a href={href(['images'], new URLSearchParams({ tag: tag.name }))}>{tag.name}</a>
              <meter min={0} max={1} value={tag.confidence} aria-hidden="true" />
              <span className="number">{percent(tag.confidence)}</span>
            </li>
          ))}
        </ul>
      </section>
      {result.categories.length > 0 && (
        <section>
          <h2>{text.categories}</h2>
          <ul className="tag-list">
            {result.categories.map((category) => (
              <li key={category.name}>
                <a href={href(['images'], new URLSearchParams({ category: category.name }))}>
                  {categoryName(category.name)}
                </a>
                <meter min={0} max={1} value={category.score} aria-hidden="true" />
                <span className="number">{percent(category.score)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {result.text !== null && result.text !== '' && (
        <section>
          <div className="section-head">
            <h2>{text.text}</h2>
            <CopyText value={result.text} />
          </div>
          <p className="read-text" dir="auto">
            {result.text}
          </p>
        </section>
      )}
    </>
  );
}
