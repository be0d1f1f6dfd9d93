import type { Me, Role } from '../../api/contract.ts';
import { routes } from '../../api/routes.ts';
import { useResource } from './use-resource.ts';

const ORDER: readonly Role[] = ['viewer', 'caseworker', 'reviewer', 'operator', 'administrator'];

/** Whether the person may do what needs `role`. The server decides; this only spares them buttons that would refuse. */
export function useMay(role: Role): boolean {
  const { data } = useResource<Me>(routes.me);
  return data !== undefined && ORDER.indexOf(data.role) >= ORDER.indexOf(role);
}
