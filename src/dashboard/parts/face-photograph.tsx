import type { Rectangle } from '../../api/contract.ts';
import { routes } from '../../api/routes.ts';
import { imageHref } from '../live/router.ts';
import { strings } from '../strings.ts';
import { placeIn } from './place-in.ts';

/** A photograph and the one face in it that is spoken of. */
export interface FaceInPhotograph {
  imageId: string;
  name: string;
  rectangle: Rectangle;
  imageWidth: number | null;
  imageHeight: number | null;
}

export function FacePhotograph({ place }: { place: FaceInPhotograph }) {
  const { imageWidth: width, imageHeight: height } = place;
  const sized = width !== null && height !== null && width > 0 && height > 0;
  return (
    <figure className="face-photograph">
      <div className="mount">
        <div className="mount-picture" style={sized ? { aspectRatio: `${width} / ${height}` } : undefined}>
          <img
            src={routes.imageContent(place.imageId)}
            alt={strings.match.photograph(place.name)}
            width={width ?? undefined}
            height={height ?? undefined}
            decoding="async"
          />
          {sized && <span className="face-ring" style={placeIn(place.rectangle, width, height)} />}
        </div>
      </div>
      <figcaption>
        <a href={imageHref(place.imageId)}>
          <bdi>{place.name}</bdi>
        </a>
      </figcaption>
    </figure>
  );
}
