import { useState } from 'react';
import { routes } from '../../api/routes.ts';
import { imageHref } from '../live/router.ts';
import { strings } from '../strings.ts';
import type { PairedFace } from './face-pair.tsx';
import { faceView, type Zoom } from './face-view.ts';
import './face-close.css';

/** Width by height of the box a face is shown in. */
const BOX = 0.86;

function Close({ place, zoom }: { place: PairedFace; zoom: Zoom }) {
  const [broken, setBroken] = useState(false);
  const { imageWidth: width, imageHeight: height } = place;
  const alt = strings.match.faceIn(place.name);
  if (broken || !width || !height) {
    return place.hasCrop ? (
      <img className="face-close-crop" src={routes.faceCrop(place.face)} alt={alt} />
    ) : (
      <span className="face-close-none">{strings.images.noPicture}</span>
    );
  }
  const view = faceView(place.rectangle, { width, height }, zoom, BOX);
  const share = (part: number, whole: number) => `${(part / whole) * 100}%`;
  return (
    <img
      src={routes.imageContent(place.imageId)}
      alt={alt}
      draggable={false}
      // Physical sides on purpose: a photograph is not mirrored where people read from the right.
      style={{
        width: share(width, view.width),
        height: share(height, view.height),
        left: share(-view.left, view.width),
        top: share(-view.top, view.height),
      }}
      onError={() => setBroken(true)}
    />
  );
}

interface FaceCloseProps {
  /** Its batch is null while its image is under way. */
  place: PairedFace & { batchId: string | null };
  zoom?: Zoom;
}

/** One face, as large as there is room, and where it comes from. */
export function FaceClose({ place, zoom = 'near' }: FaceCloseProps) {
  return (
    <figure className="face-close">
      <div className="face-close-box" style={{ aspectRatio: BOX }}>
        <Close key={place.face} place={place} zoom={zoom} />
      </div>
      <figcaption>
        <a href={imageHref(place.imageId)}>
          <bdi>{place.name}</bdi>
        </a>
        <span className="hint">
          {place.batchId === null ? strings.match.underWay : <bdi>{place.batchId}</bdi>}
        </span>
      </figcaption>
    </figure>
  );
}
