import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import type { Room } from './rooms.ts';

/** Static, dynamic and type imports of files, also those in `import('./x.ts').Type`. */
const SPECIFIER = /(?:\bfrom\s*|\bimport\s*\(?\s*)(["'])(\.[^"'\n]+)\1/g;

/**
 * Every import by which a file of `source` reaches into a room that its own may not know, each in a sentence; and
 * every file that stands in no room.
 */
export function roomFaults(source: string, rooms: Readonly<Record<string, Room>>): string[] {
  const faults: string[] = [];
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .map((file) => file.split(sep).join('/'))
    .filter((file) => /\.tsx?$/.test(file))
    .sort();
  for (const file of files) {
    const own = roomOf(file, rooms);
    if (own === undefined) {
      faults.push(`src/${file} stands in no room: move it into one, or add its room to rooms.ts.`);
      continue;
    }
    const { mayImport = [] } = rooms[own] ?? {};
    for (const [, , specifier = ''] of readFileSync(join(source, file), 'utf8').matchAll(SPECIFIER)) {
      const target = posix.join(posix.dirname(file), specifier);
      if (target.startsWith('../') || !/\.tsx?$/.test(target)) continue;
      const room = roomOf(target, rooms);
      if (room === own || mayImport.some((allowed) => isWithin(target, allowed))) continue;
      faults.push(
        `src/${file} imports ${target}, but ${own} may not import ${room ?? 'what is in no room'}.`,
      );
    }
  }
  return faults;
}

/** Rooms that stand in a circle, or name one that is not there: then "downwards" would mean nothing. */
export function planFaults(rooms: Readonly<Record<string, Room>>): string[] {
  const names = Object.keys(rooms);
  const faults: string[] = [];
  for (const [index, [name, { mayImport }]] of Object.entries(rooms).entries()) {
    for (const allowed of mayImport) {
      const within = names.filter((room) => isWithin(room, allowed));
      const meant = within.length > 0 ? within : [roomOf(allowed, rooms) ?? []].flat();
      if (meant.length === 0) faults.push(`${name} may import ${allowed}, which is no room.`);
      if (meant.some((room) => names.indexOf(room) > index))
        faults.push(`${name} may import ${allowed}, which stands above it.`);
    }
  }
  return faults;
}

const isWithin = (path: string, room: string): boolean => path === room || path.startsWith(`${room}/`);

function roomOf(path: string, rooms: Readonly<Record<string, Room>>): string | undefined {
  return Object.keys(rooms)
    .filter((room) => isWithin(path, room))
    .sort((a, b) => b.length - a.length)[0];
}
