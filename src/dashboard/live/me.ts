import type { Me, Role } from '../../api/contract.ts';
import { routes } from '../../api/routes.ts';
import { useResource } from './use-resource.ts';

const ORDER: readonly Role[] = ['viewer', 'caseworker', 'reviewer', 'operator', 'administrator'];

/** Who looks at the page; undefined until it is known. */
export const useMe = (): Me | undefined => useResource<Me>(routes.me).data;

/** Whether the person may do what needs `role`. The server decides; this only spares them buttons that would refuse. */
export function useMay(role: Role): boolean {
  const me = useMe();
  return me !== undefined && ORDER.indexOf(me.role) >= ORDER.indexOf(role);
}
