/** An edit that cannot be made; says why. */
export class EditError extends Error {
  override readonly name = 'EditError';
}

/** One field to set: where, and to what. */
interface Assignment {
  path: readonly string[];
  value: unknown;
}

/**
 * Reads `job_definition.processing_step=2`: the value is JSON where it can be, else text.
 *
 * @throws {EditError}
 */
export function parseAssignment(text: string): Assignment {
  const at = text.indexOf('=');
  const path = text.slice(0, Math.max(at, 0)).split('.');
  if (path.some((part) => part === '')) {
    throw new EditError(
      `"${text}" is no assignment: write <field>=<value>, job_definition.processing_step=2 for instance.`,
    );
  }
  const written = text.slice(at + 1);
  try {
    return { path, value: JSON.parse(written) };
  } catch {
    return { path, value: written };
  }
}

/**
 * A copy of a message with fields set; objects that are missing on the way are made.
 *
 * @throws {EditError} where the way leads through something that is no object, or past the end of an array
 */
export function assign(message: unknown, assignments: readonly Assignment[]): unknown {
  const edited = structuredClone(message);
  if (!isHolder(edited)) throw new EditError('The message is no JSON object: edit it as a whole.');
  for (const { path, value } of assignments) {
    let holder: Record<string, unknown> = edited;
    for (const part of path.slice(0, -1)) {
      if (holder[checked(holder, part, path)] === undefined) holder[part] = {};
      const next = holder[part];
      if (!isHolder(next)) throw new EditError(`${path.join('.')}: "${part}" has no fields.`);
      holder = next;
    }
    holder[checked(holder, path.at(-1) ?? '', path)] = value;
  }
  return edited;
}

function checked(holder: Record<string, unknown>, part: string, path: readonly string[]): string {
  const index = !Array.isArray(holder) || (/^\d+$/.test(part) && Number(part) <= holder.length);
  if (index && !(part in Object.prototype)) return part;
  throw new EditError(`${path.join('.')}: there can be no field "${part}".`);
}

const isHolder = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
