import { z } from 'zod';
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

export const verifyAudit: Handler<'verifyAudit'> = async ({ app }) => (await app.results()).audit.verify();
