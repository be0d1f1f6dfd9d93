/**
 * Preloaded into a host by `--import`: writes one line for each module loaded, its time in milliseconds since the
 * epoch and its address, to the file that TRACE_MODULES names.
 */
import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const file = process.env.TRACE_MODULES;
if (file !== undefined) {
  registerHooks({
    load(url, context, next) {
      appendFileSync(file, `${Date.now()} ${url}\n`);
      return next(url, context);
    },
  });
}
