import { useState } from 'react';
import type { ImageDetail, ImageResultView } from '../../../api/contract.ts';
import { categoryName, percent } from '../../live/format.ts';
import { href } from '../../live/router.ts';
import { strings } from '../../strings.ts';
import { NotLooked } from './not-looked.tsx';

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

interface FindingsProps {
  image: ImageDetail;
  result: ImageResultView;
  onChange(): void;
}

/** Caption, tags, categories and text: what the machine says of the picture. */
export function Findings({ image, result, onChange }: FindingsProps) {
  const { tags, text: read } = result.lookedFor;
  const hasText = result.text !== null && result.text !== '';
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
        {result.tags.length === 0 && tags.state === 'looked' && <p className="hint">{text.noTags}</p>}
        <NotLooked image={image} finding="tags" looked={tags} onChange={onChange} />
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
      <section>
        <div className="section-head">
          <h2>{text.text}</h2>
          {hasText && <CopyText value={result.text ?? ''} />}
        </div>
        {hasText && (
          <p className="read-text" dir="auto">
            {result.text}
          </p>
        )}
        {!hasText && read.state === 'looked' && <p className="hint">{text.noText}</p>}
        <NotLooked image={image} finding="text" looked={read} onChange={onChange} />
      </section>
    </>
  );
}
