import { strings } from '../strings.ts';
import type { Zoom } from './face-view.ts';
import { Icon } from './icon.tsx';

const text = strings.review;

interface ZoomButtonsProps {
  photographs: boolean;
  zoom: Zoom;
  onPhotographs(): void;
  onZoom(): void;
}

/** Whether whole photographs are shown, and how near one is to the faces. */
export function ZoomButtons({ photographs, zoom, onPhotographs, onZoom }: ZoomButtonsProps) {
  return (
    <>
      <button
        type="button"
        className="button small"
        aria-pressed={photographs}
        aria-keyshortcuts="p"
        onClick={onPhotographs}
      >
        <Icon name="images" />
        <span className="button-word">{text.photographs}</span> <kbd>p</kbd>
      </button>
      <button
        type="button"
        className="button small"
        disabled={photographs}
        aria-keyshortcuts="z"
        title={text.zoom}
        onClick={onZoom}
      >
        <Icon name="zoom" />
        <span className="button-word">{text.zooms[zoom]}</span> <kbd>z</kbd>
      </button>
    </>
  );
}
