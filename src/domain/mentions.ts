/**
 * What outputs say about other images: objects in arrays that carry the other's job id as `id`, as `facematch` and
 * `duplicates` write them. A step of one's own that names other images has to do so in the same form, for only then can
 * they be taken out when that image is erased.
 */

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/** Every id by which something in `value` could name an image. */
export function idsIn(value: unknown, found: Set<string> = new Set()): Set<string> {
  if (Array.isArray(value)) {
    for (const entry of value) if (isObject(entry) && typeof entry.id === 'string') found.add(entry.id);
  }
  if (isObject(value)) for (const part of Object.values(value)) idsIn(part, found);
  return found;
}

/** `value` without the entries about these images; the very same value where it has none. */
export function withoutImages<T>(value: T, ids: ReadonlySet<string>): T {
  if (Array.isArray(value)) {
    const kept = value.filter(
      (entry) => !(isObject(entry) && typeof entry.id === 'string' && ids.has(entry.id)),
    );
    const parts = kept.map((entry) => withoutImages(entry, ids));
    const same = parts.length === value.length && parts.every((part, index) => part === value[index]);
    return same ? value : (parts as T);
  }
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, part]) => [key, withoutImages(part, ids)] as const);
  return entries.every(([key, part]) => part === value[key]) ? value : (Object.fromEntries(entries) as T);
}
