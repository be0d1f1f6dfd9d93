/** Part of `npm run lint`: whether every file of `src/` imports only what its room may. */
import { fileURLToPath } from 'node:url';
import { planFaults, roomFaults } from './check.ts';
import { rooms } from './rooms.ts';

const source = process.argv[2] ?? fileURLToPath(new URL('../../src/', import.meta.url));
const faults = [...planFaults(rooms), ...roomFaults(source, rooms)];
for (const fault of faults) console.error(fault);
if (faults.length > 0) {
  console.error('The rooms and what they may import: scripts/check-rooms/rooms.ts, docs/architecture.md.');
  process.exitCode = 1;
}
