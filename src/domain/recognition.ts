import type { Settings } from './settings.ts';

/** Whether faces may be recognised: `unapproved`, the account may not; `off`, the operator does not want it. */
export type Recognition = 'allowed' | 'unapproved' | 'off';

export const recognitionOf = ({
  FACE_RECOGNITION,
  FACE_LIMITED_ACCESS,
}: Pick<Settings, 'FACE_RECOGNITION' | 'FACE_LIMITED_ACCESS'>): Recognition =>
  FACE_RECOGNITION === 'off' ? 'off' : FACE_LIMITED_ACCESS === 'on' ? 'allowed' : 'unapproved';
