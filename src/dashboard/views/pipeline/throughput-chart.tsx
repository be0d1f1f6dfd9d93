import type { Throughput } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { useStamp } from '../../live/live.ts';
import { useResource } from '../../live/use-resource.ts';
import { strings } from '../../strings.ts';

const text = strings.pipeline;
const MINUTES = 60;
const HEIGHT = 100;
const LATELY = 5;

/** A bar for each minute of the last hour. */
export function ThroughputChart() {
  const { data } = useResource<Throughput>(`${routes.throughput}?minutes=${MINUTES}`, useStamp());
  // That nothing came is said of what was counted only.
  if (data === undefined) return null;
  const bars = data.perMinute.slice(-MINUTES);
  const total = bars.reduce((sum, bar) => sum + bar.images, 0);
  const most = Math.max(1, ...bars.map((bar) => bar.images));
  const lately = bars.slice(-LATELY).reduce((sum, bar) => sum + bar.images, 0) / LATELY;
  return (
    <section className="throughput" aria-labelledby="throughput">
      <h2 id="throughput">{text.throughput}</h2>
      <p className="hint">{text.perMinute}</p>
      <svg
        className="chart"
        viewBox={`0 0 ${MINUTES * 4} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={text.chart(total, total === 0 ? 0 : most)}
      >
        {bars.map((bar, index) => {
          const size = bar.images === 0 ? 1 : Math.max(3, (bar.images / most) * (HEIGHT - 2));
          return (
            <rect
              key={bar.at}
              className={bar.images === 0 ? 'none' : undefined}
              x={(MINUTES - bars.length + index) * 4}
              y={HEIGHT - size}
              width={3}
              height={size}
            />
          );
        })}
      </svg>
      <p className="chart-axis hint" aria-hidden="true">
        <span>{text.hourAgo}</span>
        <span>{text.now}</span>
      </p>
      <p>
        {text.lastHour(total)}
        {lately > 0 && <span className="hint"> · {text.rate(lately.toFixed(1))}</span>}
      </p>
    </section>
  );
}
