/** `node scripts/dashboard/build.ts [--force]`: builds the web page into dist/dashboard, unless nothing has changed. */
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { version } from 'vite';

const project = fileURLToPath(new URL('../../', import.meta.url));
const stamp = `${project}dist/.dashboard-inputs`;

/** All that the bundle is made of; packages by the lock file. */
function fingerprint(): string {
  const hash = createHash('sha256').update(version);
  const rooms = [
    'src/dashboard/**/*.*',
    'src/api/{routes,contract}.ts',
    'src/api/contract/**/*.ts',
    'src/domain/*.ts',
  ];
  const files = globSync([...rooms, 'package-lock.json'], { cwd: project });
  for (const file of files.sort()) hash.update(file).update(readFileSync(project + file));
  return hash.digest('hex');
}

const now = fingerprint();
const built =
  existsSync(`${project}dist/dashboard/index.html`) &&
  existsSync(stamp) &&
  readFileSync(stamp, 'utf8') === now;
if (!built || process.argv.includes('--force')) {
  const { build } = await import('vite');
  await build({ configFile: `${project}src/dashboard/vite.config.ts`, logLevel: 'warn' });
  writeFileSync(stamp, now);
}
