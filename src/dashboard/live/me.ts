import { useState } from 'react';
import type { Me, Role } from '../../api/contract.ts';
import { routes } from '../../api/routes.ts';
import { useStamp } from './live.ts';
import { useResource } from './use-resource.ts';

const ORDER: readonly Role[] = ['viewer', 'caseworker', 'reviewer', 'operator', 'administrator'];

/** Who looks at the page; undefined until it is known. */
export function useMe(): Me | undefined {
  const stamp = useStamp();
  const [at, setAt] = useState(stamp);
  const { data, error } = useResource<Me>(routes.me, at);
  // Asked again where it could not be answered: else whoever came while the line was down could do nothing.
  if (data === undefined && error !== undefined && at !== stamp) setAt(stamp);
  return data;
}

const reaches = (me: Me, role: Role): boolean => ORDER.indexOf(me.role) >= ORDER.indexOf(role);

/** Whether the person may do what needs `role`. The server decides; this only spares them buttons that would refuse. */
export function useMay(role: Role): boolean {
  const me = useMe();
  return me !== undefined && reaches(me, role);
}

/** Whether it is known that the person may not: before, nobody is told so. */
export function useMayNot(role: Role): boolean {
  const me = useMe();
  return me !== undefined && !reaches(me, role);
}
