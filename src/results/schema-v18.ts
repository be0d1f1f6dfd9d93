import type { Dialect } from '../database/database.ts';
import { LIMITS } from './limits.ts';

/**
 * Version 18: what a group goes by stands in one row. `face_group.group_id` is the least face of a group, whoever it is
 * (it was `person:<id>` in the row of each face where the group had a person), and `people_group.group_key` the same
 * beside the id that is shown. Naming a group of thousands of faces writes a row of `people_group`, and none of its faces.
 *
 * `face_group.component_id` is told apart more finely from here on: an edge between two faces of whom somebody said that
 * they are different holds nothing together. What is stored is brought in line as it is solved.
 *
 * Pairs of enquiries are few among all: an index of them alone finds those of many faces, and costs other pairs nothing.
 */
export function versionEighteen({ type }: Dialect): string[] {
  const least = (of: string) => `(SELECT MIN(m.face_key) FROM face_group m WHERE m.group_id = ${of})`;
  return [
    `ALTER TABLE people_group ADD group_key ${type.key(LIMITS.faceKey)} NULL`,
    `UPDATE people_group SET group_key = ${least('people_group.group_id')}`,
    'UPDATE people_group SET group_key = group_id WHERE group_key IS NULL',
    `UPDATE face_group SET group_id = (SELECT p.group_key FROM people_group p WHERE p.group_id = face_group.group_id AND p.batch_id = '')
      WHERE group_id >= 'person:' AND group_id < 'person;' AND EXISTS (SELECT 1 FROM people_group p WHERE p.group_id = face_group.group_id AND p.batch_id = '')`,
    'CREATE INDEX ix_people_group_key ON people_group (group_key, batch_id)',
    'CREATE INDEX ix_match_enquiry_a ON face_match (face_a, enquiry) WHERE enquiry <> 0',
    'CREATE INDEX ix_match_enquiry_b ON face_match (face_b, enquiry) WHERE enquiry <> 0',
    'CREATE INDEX ix_word_lead_face ON candidate_word (lead_face)',
  ];
}
