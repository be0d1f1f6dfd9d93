import type { ImageDetail, LookedView } from '../../../api/contract.ts';
import { strings } from '../../strings.ts';
import { RerunButton } from './rerun-button.tsx';
import './not-looked.css';

interface NotLookedProps {
  image: ImageDetail;
  finding: 'tags' | 'text' | 'faces' | 'matches';
  looked: LookedView;
  onChange(): void;
}

const text = strings.image;

/** That it was not looked for, why, and the button that makes good for it: never that there is nothing. */
export function NotLooked({ image, finding, looked, onChange }: NotLookedProps) {
  const { state, step, reason, again } = looked;
  if (state === 'looked' || state === 'ended') return null;
  if (state === 'nothingToCompare') return <p className="hint">{text.nothingToCompare}</p>;
  const words = text.notLooked[finding];
  return (
    <div className="not-looked">
      <p>
        {words[state]}
        {reason !== null && (
          <>
            {' '}
            {reason.message} <code>{reason.code}</code>
          </>
        )}
      </p>
      {again && (
        <RerunButton
          // Of a run that has ended, sooner than anybody looked, nothing is waited for.
          key={image.result?.run}
          id={image.id}
          // A step that others need runs them, too: only this last one was asked for.
          steps={[finding === 'matches' ? 'facematch' : step]}
          label={words.action}
          underWay={image.underWay}
          {...(finding === 'matches' && { asks: { question: text.biometric, yes: text.biometricYes } })}
          onDone={onChange}
        />
      )}
    </div>
  );
}
