import { z } from 'zod';
import { headsIn } from '../../admin/audit-heads.ts';
import { subject } from '../../audit/subject.ts';
import type { Handler } from '../call.ts';
import { fromCursor, toCursor } from '../cursor.ts';
import { ApiError } from '../problem.ts';

const position = z.tuple([z.int()]);

export const listAudit: Handler<'listAudit'> = async ({ app, query }) => {
  const { action, image, face, batch, after, limit } = query;
  const about = [
    ...(image === undefined ? [] : [subject.image(image)]),
    ...(face === undefined ? [] : [subject.face(face)]),
    ...(batch === undefined ? [] : [subject.batch(batch)]),
  ];
  if (about.length > 1) {
    throw new ApiError(400, 'InvalidInput', 'Ask about one image, one face or one batch at a time.');
  }
  const before = after === undefined ? undefined : fromCursor(after, position)[0];
  const results = await app.results();
  const entries = await results.audit.list({
    limit,
    ...(action !== undefined && { action }),
    ...(about[0] !== undefined && { about: about[0] }),
    ...(before !== undefined && { before }),
  });
  const last = entries.length === limit ? entries.at(-1) : undefined;
  return { entries, next: last ? toCursor([last.sequence]) : null };
};

/** Against the heads in storage; those in a log the command line compares. */
export const verifyAudit: Handler<'verifyAudit'> = async ({ app }) => {
  const { AUDIT_HEADS_CONTAINER: container } = app.settings;
  const heads = container === undefined ? [] : await headsIn(app.storage.blobs, container);
  return (await app.results()).audit.verify(heads);
};
