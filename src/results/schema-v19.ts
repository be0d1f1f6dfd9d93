/**
 * Version 19: what was said of a face is found whichever side of the pair it stands on. By `face_b` every decision there is
 * was read: for each group that is solved, and each night for faceprints that have become due.
 */
export function versionNineteen(): string[] {
  return ['CREATE INDEX ix_decision_face_b ON match_decision (face_b)'];
}
