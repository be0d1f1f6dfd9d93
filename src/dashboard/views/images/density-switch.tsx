import { store } from '../../live/stored.ts';
import { strings } from '../../strings.ts';
import { DENSITIES, DENSITY_KEY, type Density } from './density.ts';

interface DensitySwitchProps {
  density: Density;
  onChange(density: Density): void;
}

/** Squares as many and as large as the photographs will be. */
const FORMS = { large: [1], medium: [1, 9], small: [1, 6.4, 11.8] } as const;
const SIDES = { large: 14, medium: 6, small: 3.2 } as const;

export function DensitySwitch({ density, onChange }: DensitySwitchProps) {
  return (
    <fieldset className="density" aria-label={strings.images.density}>
      {DENSITIES.map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={one === density}
          aria-label={strings.images.densities[one]}
          title={strings.images.densities[one]}
          onClick={() => {
            store(DENSITY_KEY, one);
            onChange(one);
          }}
        >
          <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            {FORMS[one].flatMap((x) =>
              FORMS[one].map((y) => (
                <rect key={`${x} ${y}`} x={x} y={y} width={SIDES[one]} height={SIDES[one]} rx="1" />
              )),
            )}
          </svg>
        </button>
      ))}
    </fieldset>
  );
}
