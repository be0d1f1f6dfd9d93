import path from 'node:path';
import { PAGE_ROOT } from '../../api/routes.ts';
import { containers } from '../../storage/names.ts';
import type { DataFolder } from './data-folder.ts';
import type { Parts } from './instance-parts.ts';

/** Where to drop images and where to look, for the operator of a fresh start. */
export function welcome({ app, instance }: Parts, folder: DataFolder): string[] {
  const { SQLITE_PATH: results } = instance.settings;
  const container = app.storage.blobs.url(containers.input, '').replace(/\/$/, '');
  return [
    '',
    'Imaginem is running. Ctrl-C stops it; the next start goes on where this one stopped.',
    `  Look           http://127.0.0.1:${instance.ports.host}${PAGE_ROOT}   (drop images there, too)`,
    `  Drop images    npx imaginem submit <files or folders>   (or upload them to ${container})`,
    `  Progress       npx imaginem status`,
    `  What is found  npx imaginem results      npx imaginem matches <image>`,
    `  SQL            npx imaginem sql "SELECT image_url, status, caption FROM pipeline_output"`,
    results === undefined
      ? '  Results        in the SQL Server that the environment names'
      : `  Results        ${shown(results)} (SQLite)`,
    `  Functions      http://127.0.0.1:${instance.ports.host}`,
    `  Logs           ${shown(folder.logs)}`,
    '',
  ];
}

/** Relative where that is shorter to read. */
function shown(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') ? file : relative;
}
