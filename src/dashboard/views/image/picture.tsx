import { useState } from 'react';
import type { ImageDetail } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { Icon } from '../../parts/icon.tsx';
import { placeIn } from '../../parts/place-in.ts';
import { strings } from '../../strings.ts';
import { TextBoxes } from './text-boxes.tsx';

interface PictureProps {
  image: ImageDetail;
  face: string | undefined;
  onFace(face: string | undefined): void;
}

const alt = (image: ImageDetail) => image.result?.caption ?? strings.image.alt(image.name);

/** The photograph, with what was found drawn where it was found. */
export function Picture({ image, face, onFace }: PictureProps) {
  const [faces, setFaces] = useState(true);
  const [text, setText] = useState(true);
  const [broken, setBroken] = useState(false);
  const { result } = image;
  const width = result?.width ?? 0;
  const height = result?.height ?? 0;
  const sized = width > 0 && height > 0;
  const matches = (key: string) => result?.matches.filter((match) => match.face === key).length ?? 0;

  return (
    <section className="picture" aria-label={strings.image.alt(image.name)}>
      <div className="picture-mount">
        {broken ? (
          <p className="picture-none">{strings.images.noPicture}</p>
        ) : (
          <div
            className="picture-frame"
            // The largest box of the picture's shape in the room there is.
            style={
              sized
                ? { aspectRatio: `${width} / ${height}`, inlineSize: `min(100%, 78vh * ${width / height})` }
                : undefined
            }
          >
            <img
              src={routes.imageContent(image.id)}
              alt={alt(image)}
              width={sized ? width : undefined}
              height={sized ? height : undefined}
              onError={() => setBroken(true)}
            />
            {sized && text && result !== null && (
              <TextBoxes lines={result.textLines} width={width} height={height} />
            )}
            {sized &&
              faces &&
              result?.faces.map((one, index) => (
                <button
                  key={one.key}
                  type="button"
                  className="face-box"
                  data-face={one.key}
                  style={placeIn(one.rectangle, width, height)}
                  aria-pressed={face === one.key}
                  aria-label={strings.image.faceLabel(index + 1, matches(one.key))}
                  onClick={() => onFace(face === one.key ? undefined : one.key)}
                >
                  <span className="face-number">{index + 1}</span>
                </button>
              ))}
          </div>
        )}
      </div>
      {result !== null && result.faces.length + result.textLines.length > 0 && (
        <div className="picture-tools">
          {result.faces.length > 0 && (
            <button
              type="button"
              className="button small"
              aria-pressed={faces}
              onClick={() => setFaces(!faces)}
            >
              <Icon name="face" />
              {strings.image.showFaces}
            </button>
          )}
          {result.textLines.length > 0 && (
            <button type="button" className="button small" aria-pressed={text} onClick={() => setText(!text)}>
              <Icon name="text" />
              {strings.image.showText}
            </button>
          )}
        </div>
      )}
    </section>
  );
}
