import { underWay, useLive } from '../live/live.ts';
import { href } from '../live/router.ts';
import { strings } from '../strings.ts';
import { Icon } from './icon.tsx';
import { ThemeSwitch } from './theme-switch.tsx';

const VIEWS = ['images', 'upload', 'pipeline', 'review'] as const;

function LiveNote() {
  const { live, reachable } = useLive();
  const busy = underWay(live);
  const text = !reachable ? strings.live.offline : busy > 0 ? strings.live.underWay(busy) : strings.live.idle;
  return (
    <p className="live" data-state={!reachable ? 'offline' : busy > 0 ? 'busy' : 'idle'} role="status">
      <span className="live-dot" aria-hidden="true" />
      {live === undefined && reachable ? '' : text}
    </p>
  );
}

export function Header({ view }: { view: string }) {
  const { live } = useLive();
  const toReview = live?.toReview ?? 0;
  return (
    <header className="top">
      <a className="wordmark" href={href(['images'])}>
        {strings.appName}
      </a>
      <nav aria-label={strings.nav.label}>
        <ul>
          {VIEWS.map((name) => (
            <li key={name}>
              <a href={href([name])} aria-current={view === name ? 'page' : undefined}>
                <Icon name={name} />
                <span>{strings.nav[name]}</span>
                {name === 'review' && toReview > 0 && (
                  <span className="badge">
                    <span aria-hidden="true">{toReview > 99 ? '99+' : toReview}</span>
                    <span className="visually-hidden">{strings.nav.toReview(toReview)}</span>
                  </span>
                )}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div className="top-end">
        <LiveNote />
        <ThemeSwitch />
      </div>
    </header>
  );
}
