// Ends with 0 where the service answers that all is well: the health check of the images. The address is the argument,
// else that of the instance whose data folder is IMAGINEM_DATA, which says its port. Plain JavaScript, without a build.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const address = process.argv[2] ?? ofInstance();
try {
  const { status } = await fetch(address, { signal: AbortSignal.timeout(8000) });
  // An engine has no page at its root and answers 404 there: it lives. 503 says that something is wrong.
  if (status >= 500) throw new Error(`answers ${status}`);
} catch (error) {
  console.error(`${address}: ${error.cause?.message ?? error.message}`);
  process.exitCode = 1;
}

function ofInstance() {
  const folder = process.env.IMAGINEM_DATA;
  try {
    const { ports } = JSON.parse(readFileSync(join(folder ?? '', 'instance.json'), 'utf8'));
    return `http://127.0.0.1:${ports.host}/health`;
  } catch {
    console.error(`No instance has written to ${folder ?? 'a data folder: IMAGINEM_DATA is not set'} yet.`);
    process.exit(1);
  }
}
