import type { Interval } from '../../../api/contract.ts';
import { strings } from '../../strings.ts';
import { ticksBetween } from './ticks.ts';

const WIDTH = 320;
const HEIGHT = 140;
/** Around the plot, so that points at its edge are whole. */
const EDGE = 4;

/** Figures on the axes: so many can be read on a telephone, too. */
const MOST_ACROSS = 4;
const MOST_DOWN = 4;

export interface CurvePoint {
  /** 0 to 1. */
  readonly x: number;
  /** Null where too little is known. */
  readonly y: Interval | null;
}

interface CurveProps {
  points: readonly CurvePoint[];
  /** Said to who cannot see it; the figures stand in words beside it. */
  label: string;
  /** Where one looks, and where the setting stands. */
  at?: number;
  set?: number;
  /** The top of the axis; the largest upper end where absent. */
  most?: number;
  /** How a figure of the axis that goes up is written. */
  figure(value: number): string;
}

type Known = { x: number; y: Interval };

/** A curve with the band of its intervals; nothing is drawn where nothing is known. */
export function Curve({ points, label, at, set, most, figure }: CurveProps) {
  const known = points.filter((point): point is Known => point.y !== null);
  const top = most ?? Math.max(1e-9, ...known.map(({ y }) => y.high));
  const left = Math.min(...points.map(({ x }) => x));
  const right = Math.max(...points.map(({ x }) => x));
  const across = (x: number) => (right > left ? ((x - left) / (right - left)) * WIDTH : WIDTH / 2);
  const down = (y: number) => HEIGHT - (Math.min(y, top) / top) * HEIGHT;
  const place = (x: number, y: number) => `${across(x).toFixed(1)},${down(y).toFixed(1)}`;
  const band = [
    ...known.map(({ x, y }) => place(x, y.high)),
    ...known.toReversed().map(({ x, y }) => place(x, y.low)),
  ];
  const upward = ticksBetween(0, top, MOST_DOWN);
  const onward = ticksBetween(left, right, MOST_ACROSS);
  const share = (along: number, whole: number) => `${((along + EDGE) / (whole + 2 * EDGE)) * 100}%`;
  return (
    // From left to right whatever the page's direction: the figures belong to their places in the picture.
    <div className="curve-frame" dir="ltr">
      <div className="curve-ticks up" aria-hidden="true">
        {upward.map((value) => (
          <span key={value} style={{ insetBlockStart: share(down(value), HEIGHT) }}>
            {figure(value)}
          </span>
        ))}
      </div>
      <svg
        className="curve"
        viewBox={`${-EDGE} ${-EDGE} ${WIDTH + 2 * EDGE} ${HEIGHT + 2 * EDGE}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
      >
        {upward.map((value) => (
          <line key={value} className="grid" x1={0} y1={down(value)} x2={WIDTH} y2={down(value)} />
        ))}
        {onward.map((value) => (
          <line key={value} className="grid" x1={across(value)} y1={0} x2={across(value)} y2={HEIGHT} />
        ))}
        <line className="axis" x1={0} y1={HEIGHT} x2={WIDTH} y2={HEIGHT} />
        {set !== undefined && <line className="set" x1={across(set)} y1={0} x2={across(set)} y2={HEIGHT} />}
        {at !== undefined && <line className="at" x1={across(at)} y1={0} x2={across(at)} y2={HEIGHT} />}
        {known.length > 1 && <polygon className="band" points={band.join(' ')} />}
        {known.length > 1 && (
          <polyline className="line" points={known.map(({ x, y }) => place(x, y.share)).join(' ')} />
        )}
        {known.map(({ x, y }) => (
          <g key={x}>
            <line className="whisker" x1={across(x)} y1={down(y.low)} x2={across(x)} y2={down(y.high)} />
            <circle className="point" cx={across(x)} cy={down(y.share)} r={2.5} />
          </g>
        ))}
      </svg>
      <div className="curve-ticks along" aria-hidden="true">
        {onward.map((value) => (
          <span key={value} style={{ insetInlineStart: share(across(value), WIDTH) }}>
            {strings.calibration.axisFigure(value)}
          </span>
        ))}
      </div>
    </div>
  );
}
