import type { Dialect } from '../database/database.ts';

/**
 * Version 22: indexes of what is asked for, and of nothing else. Each entry of an index is a page of its own that a save or an
 * erasure reads and writes in a large archive, for ids are in no order.
 *
 * Of steps only those are sought that failed or were skipped; most are done. `image_step.timestamp` repeats the image's own
 * for these alone (NULL for the others), so that their images come newest first without a sort.
 *
 * The pairs of an image are counted by its side's index: what decides whether one counts stands in it.
 */
export function versionTwentyTwo({ name, type }: Dialect): string[] {
  const dropIndex = (index: string, table: string) =>
    name === 'sqlite' ? `DROP INDEX ${index}` : `DROP INDEX ${index} ON ${table}`;
  const wrong = "WHERE state IN ('failed', 'skipped')";
  return [
    `ALTER TABLE image_step ADD [timestamp] ${type.key(30)} NULL`,
    `UPDATE image_step SET [timestamp] = (SELECT o.[timestamp] FROM pipeline_output o WHERE o.id = image_step.image_id) ${wrong}`,
    dropIndex('ix_step_state', 'image_step'),
    dropIndex('ix_step_error', 'image_step'),
    `CREATE INDEX ix_step_wrong ON image_step (state, step, timestamp, image_id) ${wrong}`,
    `CREATE INDEX ix_step_wrong_code ON image_step (state, step, error_code, timestamp, image_id) ${wrong}`,
    ...['a', 'b'].flatMap((side) => [
      dropIndex(`ix_match_image_${side}`, 'face_match'),
      `CREATE INDEX ix_match_of_${side} ON face_match (image_${side}, enquiry, verdict)`,
    ]),
  ];
}
