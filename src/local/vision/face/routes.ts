import { faceErrors } from '../errors.ts';
import type { Route } from '../http/router.ts';
import type { EngineSettings } from '../options.ts';
import type { FaceIds } from '../store/face-ids.ts';
import type { FaceLists } from '../store/face-lists.ts';

/** What the Face routes stand on. */
export interface FaceContext {
  settings: EngineSettings;
  faceIds: FaceIds;
  lists: FaceLists;
}

/** Marks routes as recognition: an account without Limited Access approval is refused before anything else. */
export function gated(context: FaceContext, routes: readonly Route[]): Route[] {
  if (context.settings.limitedAccess) return [...routes];
  return routes.map((route) => ({
    ...route,
    handle: () => {
      throw faceErrors.missingApproval();
    },
  }));
}
