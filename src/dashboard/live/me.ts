import { useEffect } from 'react';
import type { Me, Role } from '../../api/contract.ts';
import { routes } from '../../api/routes.ts';
import { getJson, refusals } from './client.ts';
import { createStore, useStore } from './store.ts';

const ORDER: readonly Role[] = ['viewer', 'caseworker', 'reviewer', 'operator', 'administrator'];

/** A line that is down without saying so answers never. */
const PATIENCE_MS = 30_000;
const AFTER_ERROR_MS = 4000;

const known = createStore<Me | undefined>(undefined);
let asking = false;
/** Whether something was refused while it was asked: the answer may be that of before. */
let askAgain = false;
let later: ReturnType<typeof setTimeout> | undefined;

/** Once per page, however many want to know; again where it could not be answered, or whoever came then could do nothing. */
async function ask(): Promise<void> {
  askAgain = asking;
  if (asking) return;
  asking = true;
  clearTimeout(later);
  const abort = new AbortController();
  const patience = setTimeout(() => abort.abort(), PATIENCE_MS);
  // Where it cannot be answered, what is known stays.
  const me = await getJson<Me>(routes.me, abort.signal).catch(() => known.get());
  clearTimeout(patience);
  asking = false;
  known.set(me);
  if (askAgain) void ask();
  else if (me === undefined) later = setTimeout(ask, AFTER_ERROR_MS);
}

// Whoever may no longer do what the page offers is somebody else by now, or has another role.
refusals.subscribe(() => void ask());

/** Who looks at the page; undefined until it is known. */
export function useMe(): Me | undefined {
  useEffect(() => {
    if (known.get() === undefined && !asking && later === undefined) void ask();
  }, []);
  return useStore(known);
}

const reaches = (me: Me, role: Role): boolean => ORDER.indexOf(me.role) >= ORDER.indexOf(role);

/** Whether the person may do what needs `role`. The server decides; this only spares them buttons that would refuse. */
export function useMay(role: Role): boolean {
  const me = useMe();
  return me !== undefined && reaches(me, role);
}

/** The role of a person of whom it is known that they may not: before, nobody is told so. */
export function useRoleBelow(role: Role): Role | undefined {
  const me = useMe();
  return me !== undefined && !reaches(me, role) ? me.role : undefined;
}
