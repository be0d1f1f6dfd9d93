import type { Dialect } from '../database/database.ts';
import { LIMITS } from './limits.ts';

/**
 * Version 20: a candidate names its group (`group_id`, as in `face_group`; the face itself where it is alone), and has whom
 * that has. Each kept a copy of its faces in `candidate_face` before: a group of 5,000 that several enquiries look at was
 * written once for each of them whenever somebody joined it.
 *
 * The other indexes find what was gone through: candidates by their score over all enquiries, and by an image that is
 * erased; enquiries by whoever asks or is sought, for each person of a list; what was told, by its state, the newest first.
 */
export function versionTwenty({ type }: Dialect): string[] {
  return [
    `ALTER TABLE candidate ADD group_id ${type.key(LIMITS.faceKey)} NULL`,
    `UPDATE candidate SET group_id = COALESCE((SELECT g.group_id FROM face_group g WHERE g.face_key = candidate.best_face), best_face)`,
    'CREATE INDEX ix_candidate_group ON candidate (group_id)',
    'CREATE INDEX ix_candidate_score ON candidate (score, candidate_id)',
    'CREATE INDEX ix_candidate_best_image ON candidate (best_image)',
    'CREATE INDEX ix_candidate_own_image ON candidate (own_image)',
    'CREATE INDEX ix_enquiry_sought ON enquiry (sought)',
    'CREATE INDEX ix_enquiry_asked_by ON enquiry (asked_by)',
    'CREATE INDEX ix_outbox_state ON outbox (state, created_at, event_id)',
    'DROP TABLE candidate_face',
  ];
}
