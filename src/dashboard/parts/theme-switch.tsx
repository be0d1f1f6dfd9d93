import { setTheme, type Theme, useTheme } from '../live/theme.ts';
import { strings } from '../strings.ts';
import { Icon } from './icon.tsx';

const NEXT: Record<Theme, Theme> = { auto: 'light', light: 'dark', dark: 'auto' };
const ICONS = { auto: 'auto', light: 'sun', dark: 'moon' } as const;

/** One button through three choices; its name says the present one. */
export function ThemeSwitch() {
  const theme = useTheme();
  const label = `${strings.theme.label}: ${strings.theme[theme]}`;
  return (
    <button
      type="button"
      className="icon-button theme-switch"
      aria-label={label}
      title={label}
      onClick={() => setTheme(NEXT[theme])}
    >
      <Icon name={ICONS[theme]} />
    </button>
  );
}
