import type { ImageResultView } from '../../../api/contract.ts';

interface TextBoxesProps {
  lines: ImageResultView['textLines'];
  width: number;
  height: number;
}

const corners = (box: readonly number[]): string =>
  [0, 2, 4, 6].map((at) => `${box[at]},${box[at + 1]}`).join(' ');

/** Outlines of recognised lines. The words themselves stand beside the picture, where everybody can read them. */
export function TextBoxes({ lines, width, height }: TextBoxesProps) {
  return (
    <svg
      className="text-boxes"
      viewBox={`0 0 ${width} ${height}`}
      aria-hidden="true"
      preserveAspectRatio="none"
    >
      {lines.map((line) => (
        <polygon key={`${line.text} ${line.box.join(' ')}`} points={corners(line.box)}>
          <title>{line.text}</title>
        </polygon>
      ))}
    </svg>
  );
}
