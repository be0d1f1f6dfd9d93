import { useState } from 'react';
import { routes } from '../../api/routes.ts';
import { Icon } from './icon.tsx';

/** A cut-out face by its key, or a sign where there is no picture of it. */
export function FaceCrop({ face, alt }: { face: string; alt: string }) {
  const [broken, setBroken] = useState(false);
  if (broken)
    return (
      <span className="crop none" role="img" aria-label={alt}>
        <Icon name="face" />
      </span>
    );
  return (
    <img
      className="crop"
      src={routes.faceCrop(face)}
      alt={alt}
      loading="lazy"
      onError={() => setBroken(true)}
    />
  );
}
