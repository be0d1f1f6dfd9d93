import { mayEndOtherwise } from './again.ts';
import type { Consent } from './consent.ts';
import { reason } from './errors.ts';
import type { JobEnd } from './job.ts';

/** What people ask of an image that may be there or not. */
const FINDINGS = ['tags', 'text', 'faces', 'matches'] as const;
export type Finding = (typeof FINDINGS)[number];

/** The steps that must all be done before it can be said that nothing was found. */
export const STEPS_OF: Readonly<Record<Finding, readonly [string, ...string[]]>> = {
  tags: ['generalclassification'],
  text: ['ocr'],
  faces: ['facedetection'],
  matches: ['facedetection', 'faceprint', 'facematch'],
};

/**
 * Whether something was looked for. Only of `looked` may anybody say that there is none: `notAsked`: its pipeline has
 * no such step; `nothingToCompare`: there is no face, or none large and clear enough; `ended`: the image was rejected,
 * or is no more; the others are how the step ended.
 */
type LookedState =
  | 'looked'
  | 'notAsked'
  | 'failed'
  | 'skipped'
  | 'unavailable'
  | 'nothingToCompare'
  | 'ended';

export interface Looked {
  state: LookedState;
  /** The step that has to run for it: what a rerun names. */
  step: string;
  /** Why, where it is known. */
  reason?: { code: string; message: string };
  /** Whether running the step now may change it. */
  again: boolean;
}

/** What is known of an image's row. */
export interface LookedAt {
  reason?: JobEnd['reason'] | undefined;
  steps: Readonly<
    Record<string, { state: string; error?: { code: string; message: string } | undefined } | undefined>
  >;
  faces: readonly { enrolled: boolean }[];
  consent?: Pick<Consent, 'doNotMatch'> | undefined;
}

/** Whether tags, text, faces and matches were looked for, and why not. */
export function lookedFor(image: LookedAt): Record<Finding, Looked> {
  return {
    tags: looked('tags', image),
    text: looked('text', image),
    faces: looked('faces', image),
    matches: lookedForMatches(image),
  };
}

function looked(finding: Finding, { reason, steps }: LookedAt): Looked {
  const wanted = STEPS_OF[finding];
  if (reason) return { state: 'ended', step: wanted[0], reason, again: false };
  // The first that has no output says why those after it have none.
  for (const step of wanted) {
    const standing = steps[step];
    if (standing?.state === 'done') continue;
    if (standing === undefined) return { state: 'notAsked', step, again: true };
    const { state, error } = standing;
    const again = error === undefined || mayEndOtherwise(error.code);
    return { state: state as LookedState, step, ...(error && { reason: error }), again };
  }
  return { state: 'looked', step: wanted.at(-1) ?? wanted[0], again: false };
}

function lookedForMatches(image: LookedAt): Looked {
  const { faces, consent, steps } = image;
  const found = looked('matches', image);
  if (found.state === 'ended') return found;
  // What is said of the batch since its faces were compared counts as well: the matches it had are taken out.
  if (consent?.doNotMatch)
    return { state: 'unavailable', step: 'faceprint', reason: FORBIDDEN, again: false };
  const none: Looked = { state: 'nothingToCompare', step: found.step, again: false };
  if (steps.facedetection?.state === 'done' && faces.length === 0) return none;
  // Once that is no longer said of the batch, only running it again makes good what was left out.
  if (found.reason?.code === FORBIDDEN.code) return { ...found, again: true };
  if (found.state !== 'looked') return found;
  return faces.some(({ enrolled }) => enrolled) ? found : none;
}

const FORBIDDEN = reason('DoNotMatch', 'The batch says that its photographs may not be matched.');
