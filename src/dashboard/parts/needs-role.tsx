import type { Role } from '../../api/contract.ts';
import { useRoleBelow } from '../live/me.ts';
import { strings } from '../strings.ts';

/** Says to whoever may not do what stands here which role would; nothing to whoever may. */
export function NeedsRole({ least }: { least: Role }) {
  const own = useRoleBelow(least);
  return own === undefined ? null : <p className="hint">{strings.common.needsRole(least, own)}</p>;
}
