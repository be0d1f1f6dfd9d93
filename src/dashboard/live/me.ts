import { useEffect } from 'react';
import type { Me, Role } from '../../api/contract.ts';
import { routes } from '../../api/routes.ts';
import { getJson, refusals } from './client.ts';
import { useStamp } from './live.ts';
import { createStore, useStore } from './store.ts';

const ORDER: readonly Role[] = ['viewer', 'caseworker', 'reviewer', 'operator', 'administrator'];

const known = createStore<Me | undefined>(undefined);
let asking = false;
/** Whether something was refused while it was asked: the answer may be that of before. */
let askAgain = false;

/** Once per page, however many want to know. */
async function ask(): Promise<void> {
  askAgain = asking;
  if (asking) return;
  asking = true;
  // Where it cannot be answered, what is known stays.
  const me = await getJson<Me>(routes.me).catch(() => known.get());
  asking = false;
  known.set(me);
  if (askAgain) void ask();
}

// Whoever may no longer do what the page offers is somebody else by now, or has another role.
refusals.subscribe(() => void ask());

/** Who looks at the page; undefined until it is known. */
export function useMe(): Me | undefined {
  const stamp = useStamp();
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again with each stamp where it could not be answered, or whoever came while the line was down could do nothing
  useEffect(() => {
    if (known.get() === undefined && !asking) void ask();
  }, [stamp]);
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
