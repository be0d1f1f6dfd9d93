import { useEffect, useRef, useState } from 'react';
import { underWay, useLive } from '../live/live.ts';
import { href } from '../live/router.ts';
import { strings } from '../strings.ts';
import { VIEWS, type ViewName } from '../views/all.ts';
import { Icon } from './icon.tsx';
import { openPalette } from './palette-open.ts';
import { ThemeSwitch } from './theme-switch.tsx';

function LiveNote() {
  const { live, reachable } = useLive();
  const busy = underWay(live);
  const text = !reachable ? strings.live.offline : busy > 0 ? strings.live.underWay(busy) : strings.live.idle;
  return (
    <p className="live" data-state={!reachable ? 'offline' : busy > 0 ? 'busy' : 'idle'} role="status">
      <span className="live-dot" aria-hidden="true" />
      <span className="live-text">{live === undefined && reachable ? '' : text}</span>
    </p>
  );
}

function Badge({ count, says }: { count: number; says: string }) {
  if (count === 0) return null;
  return (
    <span className="badge">
      <span aria-hidden="true" dir="ltr">
        {count > 99 ? '99+' : count}
      </span>
      <span className="visually-hidden">{says}</span>
    </span>
  );
}

/** What waits for a person in a view. */
function useBadges(): Partial<Record<ViewName, { count: number; says: string }>> {
  const { live } = useLive();
  const review = live?.toReview ?? 0;
  const dead = live?.deadLetters.count ?? 0;
  const second = live?.secondLooks ?? 0;
  return {
    review: { count: review, says: strings.nav.toReview(review) },
    enquiries: { count: second, says: strings.nav.toSecondLook(second) },
    trouble: { count: dead, says: strings.trouble.badge(dead) },
  };
}

export function Header({ view }: { view: string }) {
  const badges = useBadges();
  const [more, setMore] = useState(false);
  const menu = useRef<HTMLElement>(null);
  // What a phone folds away is told of all the same.
  const hidden = VIEWS.map(({ name, more: folds }) => (folds ? badges[name] : undefined)).find(
    (badge) => badge !== undefined && badge.count > 0,
  );
  const folded = VIEWS.some(({ name, more: folds }) => folds && name === view);
  useEffect(() => {
    if (!more) return;
    const close = (event: Event) => {
      if (
        event instanceof KeyboardEvent
          ? event.key === 'Escape'
          : !menu.current?.contains(event.target as Node)
      )
        setMore(false);
    };
    document.addEventListener('pointerdown', close);
    document.addEventListener('keydown', close);
    return () => {
      document.removeEventListener('pointerdown', close);
      document.removeEventListener('keydown', close);
    };
  }, [more]);
  return (
    <header className="top">
      <a className="wordmark" href={href(['images'])}>
        {strings.appName}
      </a>
      <nav ref={menu} aria-label={strings.nav.label} data-more={more || undefined}>
        <ul>
          {VIEWS.map(({ name, more: folds }) => (
            <li key={name} data-folds={folds || undefined}>
              <a
                href={href([name])}
                aria-current={view === name ? 'page' : undefined}
                onClick={() => setMore(false)}
              >
                <span className="nav-icon">
                  <Icon name={name} />
                </span>
                <span>{strings.nav[name]}</span>
                {badges[name] !== undefined && <Badge {...badges[name]} />}
              </a>
            </li>
          ))}
          <li className="nav-more">
            <button
              type="button"
              aria-expanded={more}
              data-current={folded || undefined}
              onClick={() => setMore(!more)}
            >
              <span className="nav-icon">
                <Icon name="more" />
              </span>
              <span>{strings.nav.more}</span>
              {hidden !== undefined && <Badge {...hidden} />}
            </button>
          </li>
        </ul>
      </nav>
      <div className="top-end">
        <LiveNote />
        <button
          type="button"
          className="icon-button"
          aria-label={strings.palette.open}
          title={`${strings.palette.open} (${strings.keys.control} K)`}
          aria-keyshortcuts="Control+K"
          onClick={openPalette}
        >
          <Icon name="search" />
        </button>
        <ThemeSwitch />
      </div>
    </header>
  );
}
