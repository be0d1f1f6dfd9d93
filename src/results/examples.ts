interface ExampleQuery {
  title: string;
  sql: string;
}

/** What analysts ask most; each runs unchanged on SQL Server and on SQLite. The README prints them from here. */
export const exampleQueries: readonly ExampleQuery[] = [
  {
    title: 'Images with a tag, the surest first',
    sql: `SELECT o.batch_id, o.image_url, o.caption, t.confidence
FROM image_tag t
JOIN pipeline_output o ON o.id = t.image_id
WHERE t.name = 'person'
ORDER BY t.confidence DESC, o.id`,
  },
  {
    title: 'Images in which both words occur, in caption, tags or recognised text',
    sql: `SELECT o.batch_id, o.image_url, o.caption, o.text
FROM pipeline_output o
WHERE EXISTS (SELECT 1 FROM image_word w WHERE w.image_id = o.id AND w.word = 'family')
  AND EXISTS (SELECT 1 FROM image_word w WHERE w.image_id = o.id AND w.word = 'reunion')
ORDER BY o.timestamp DESC, o.id DESC`,
  },
  {
    title: 'Possible matches (for a person to decide), both images, the surest first',
    sql: `SELECT m.image_url_a, m.image_url_b, m.confidence, m.margin_a, m.margin_b, m.first_seen
FROM face_match m
WHERE m.confidence >= 0.6
  AND m.enquiry = 0
  AND (m.verdict IS NULL OR m.verdict = 'confirmed')
ORDER BY m.confidence DESC, m.face_a, m.face_b`,
  },
  {
    title: 'What failed, by step and reason',
    sql: `SELECT s.step, s.state, s.error_code, COUNT(*) AS images, MAX(s.attempts) AS most_attempts
FROM image_step s
WHERE s.state IN ('failed', 'skipped')
GROUP BY s.step, s.state, s.error_code
ORDER BY images DESC, s.step, s.error_code`,
  },
  {
    title: 'Each batch at a glance',
    sql: `SELECT batch_id,
  COUNT(*) AS images,
  SUM(CASE WHEN status = 'done' THEN 1 ELSE 0 END) AS done,
  SUM(CASE WHEN status = 'partial' THEN 1 ELSE 0 END) AS incomplete,
  SUM(CASE WHEN status = 'rejected' THEN 1 ELSE 0 END) AS rejected,
  SUM(face_count) AS faces,
  MIN(timestamp) AS first_result,
  MAX(timestamp) AS latest_result
FROM pipeline_output
GROUP BY batch_id
ORDER BY batch_id`,
  },
];
