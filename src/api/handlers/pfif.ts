import { exportPage } from '../../admin/pfif-export.ts';
import { importPfif } from '../../admin/pfif-import.ts';
import { pfifImportDeps } from '../../admin/pfif-parts.ts';
import { PFIF_FOOT, PFIF_HEAD } from '../../people/pfif/write.ts';
import type { Handler } from '../call.ts';
import { fromCursor, oneName, toCursor } from '../cursor.ts';
import type { Person } from '../person.ts';
import { ApiError } from '../problem.ts';
import { readFiles } from '../read-files.ts';

/** Larger files are for the command line, which reads them as a stream. */
const MOST_BYTES = 20_000_000;

export const importPfifHere: Handler<'importPfif'> = async ({ app, person, query, request, signal }) => {
  requireDeaths(person, query.deaths);
  let bytes: Buffer | undefined;
  for await (const file of readFiles(request, { maxFiles: 1, maxBytes: MOST_BYTES })) {
    if (file.truncated) {
      throw new ApiError(
        413,
        'FileTooLarge',
        `A file has ${MOST_BYTES} bytes at most here: \`imaginem pfif import\` takes any.`,
      );
    }
    bytes = file.bytes;
  }
  if (!bytes) throw new ApiError(400, 'FileExpected', 'Send one PFIF file as a file of multipart/form-data.');
  const deps = await pfifImportDeps(app, person.name);
  const report = await importPfif([bytes], person.name, query, deps, signal);
  return { ...report, refused: { ...report.refused, sentences: [...report.refused.sentences] } };
};

export const exportPfif: Handler<'exportPfif'> = async ({ app, person, query }) => {
  const { after, limit, ...options } = query;
  requireDeaths(person, options.deaths);
  const asked = (['photographs', 'minors', 'closed'] as const).filter((name) => options[name]);
  if (asked.length > 0 && person.role !== 'administrator') {
    throw new ApiError(
      403,
      'RoleRequired',
      `An export with ${asked.join(', ')} needs the role administrator, and you have ${person.role}.`,
    );
  }
  const [id] = after === undefined ? [] : fromCursor(after, oneName);
  const deps = { ledger: await app.pfif(), clock: app.clock, audit: app.audit };
  const page = await exportPage(person.name, options, deps, { after: id, limit });
  return {
    document: PFIF_HEAD + page.records.join('') + PFIF_FOOT,
    persons: page.records.length,
    leftOut: page.leftOut,
    next: page.next === undefined ? null : toCursor([page.next]),
  };
};

/** Saying of somebody that they are dead is apart from every other right. */
function requireDeaths({ local, mayTellDeaths }: Person, asked: boolean): void {
  if (!asked || local || mayTellDeaths) return;
  throw new ApiError(
    403,
    'DeathsRoleRequired',
    'Notes that somebody is dead need the app role deaths, whatever other role you have. Ask an administrator of the app to assign it, or leave deaths out.',
  );
}
