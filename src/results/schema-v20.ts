import type { Dialect } from '../database/database.ts';
import { LIMITS } from './limits.ts';

/**
 * Version 20: a candidate names its group (`group_id`, as in `face_group`; the face itself where it is alone), and has whom
 * that has. Each kept a copy of its faces in `candidate_face` before: a group of 5,000 that several enquiries look at was
 * written once for each of them whenever somebody joined it.
 */
export function versionTwenty({ type }: Dialect): string[] {
  return [
    `ALTER TABLE candidate ADD group_id ${type.key(LIMITS.faceKey)} NULL`,
    `UPDATE candidate SET group_id = COALESCE((SELECT g.group_id FROM face_group g WHERE g.face_key = candidate.best_face), best_face)`,
    'CREATE INDEX ix_candidate_group ON candidate (group_id)',
    'DROP TABLE candidate_face',
  ];
}
