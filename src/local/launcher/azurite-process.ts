/**
 * Azurite as a child that ends with its parent: its own entry point knows SIGTERM and the message "shutdown", but not
 * a parent that is gone. All arguments are Azurite's.
 */
import { createRequire } from 'node:module';

/** Closing writes its databases: given so long when the parent is gone, then it ends anyway. */
const CLOSE_LIMIT_MS = 10_000;

// With the parent gone its output has nowhere to go, which must not keep it from closing.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});
process.on('disconnect', () => {
  setTimeout(() => process.exit(1), CLOSE_LIMIT_MS).unref();
  process.emit('SIGTERM', 'SIGTERM');
});

const require = createRequire(import.meta.url);
require('azurite/dist/src/azurite.js');
// The channel alone must not keep it alive once its servers are closed.
process.channel?.unref();
