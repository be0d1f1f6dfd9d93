import { IMAGE_CHILDREN } from './image-children.ts';
import type { ResultTable } from './table.ts';

/**
 * Tables with something about an image, in the order in which it is removed: pairs and what is said of them first, the
 * image's own row last.
 */
export const IMAGE_TABLES: readonly ResultTable[] = [
  {
    name: 'face_match',
    key: ['face_a', 'face_b'],
    images: ['image_a', 'image_b'],
    holds: 'its possible matches, those that others reported included',
  },
  {
    name: 'model_pair',
    key: ['face_a', 'face_b'],
    images: ['image_a', 'image_b'],
    holds: 'the same by a model of recognition that the archive is being enrolled anew with',
    kept: 'until the switch has ended, or is given up',
  },
  {
    name: 'model_todo',
    key: ['mark', 'image_id'],
    images: ['image_id'],
    holds: 'that its faces are to be enrolled anew',
    kept: 'until they are, or the switch has ended',
  },
  {
    name: 'match_decision',
    key: ['face_a', 'face_b'],
    images: ['image_a', 'image_b'],
    holds: 'what people decided about its matches',
  },
  {
    name: 'candidate_word',
    key: ['word_id'],
    images: ['image_id'],
    holds: 'what reviewers said of a candidate whose best face is in it',
  },
  {
    name: 'candidate_word_face',
    key: ['word_id', 'face_key'],
    images: ['image_id'],
    holds: 'its faces that were among those of a candidate when a reviewer spoke of it',
  },
  {
    name: 'enquiry_photo',
    key: ['enquiry_id', 'image_id'],
    images: ['image_id'],
    holds: 'of which enquiry it is a photograph, and when it was taken',
  },
  {
    name: 'enquiry_face',
    key: ['enquiry_id', 'face_key'],
    images: ['image_id'],
    holds: 'which faces of it are not who is sought',
  },
  {
    name: 'bulk_item',
    key: ['act_id', 'position'],
    images: ['item'],
    holds: 'that an act on many images is about it, until that act has ended',
  },
  {
    name: 'decision',
    key: ['decision_id'],
    images: ['image_a', 'image_b'],
    holds: 'what people decided about its faces, and who, when and why',
  },
  {
    name: 'person_link',
    key: ['person_id', 'node'],
    images: ['image_id'],
    holds: 'whose its faces are, by decisions',
  },
  {
    name: 'face_anchor',
    key: ['face_key'],
    images: ['image_id'],
    holds: 'where its faces were that people decided about',
  },
  {
    name: 'face_group',
    key: ['face_key'],
    images: ['image_id'],
    holds: 'the groups of its faces',
  },
  {
    name: 'people_dirty',
    key: ['mark', 'image_id'],
    images: ['image_id'],
    holds: 'that the groups of its faces are to be made again',
    kept: 'until they are, some seconds',
  },
  {
    name: 'faceprint_look',
    key: ['image_id', 'mark'],
    images: ['image_id'],
    holds: 'that its faces are to be looked at, whether they are to stay in the face lists, and from when on',
    kept: 'until they are, the night after; of one that was enrolled late until it may be too old',
  },
  {
    name: 'calibration_pair',
    key: ['face_a', 'face_b'],
    images: ['image_a', 'image_b'],
    holds: 'that reviewers are asked about its faces, to find out what a match is worth',
  },
  {
    name: 'known_pair',
    key: ['face_a', 'face_b'],
    images: ['image_a', 'image_b'],
    holds: 'that two people have said whose its faces are, so that reviewers can be measured by it',
  },
  {
    name: 'known_answer',
    key: ['answer_id'],
    images: ['image_a', 'image_b'],
    holds: 'what a reviewer who agreed to be measured said of its faces; no decision',
    kept: 'until that reviewer takes the agreement back, or its image is erased',
  },
  ...IMAGE_CHILDREN,
  {
    name: 'pipeline_output',
    key: ['id'],
    images: ['id'],
    holds: 'its row: address, caption, text, all outputs',
  },
];

/** Tables of what people look for, by `enquiry_id`: an erasure of an enquiry takes its rows, and of each before. */
export const ENQUIRY_TABLES: readonly ResultTable[] = [
  {
    name: 'candidate',
    key: ['candidate_id'],
    holds: 'how a candidate stands, how sure the machine is, its best face',
    cleared: true,
  },
  {
    name: 'enquiry_event',
    key: ['event_id'],
    holds: 'what happened to an enquiry, notes of caseworkers',
    cleared: true,
  },
  { name: 'outbox', key: ['event_id'], holds: 'what is told of a candidate: ids only', cleared: true },
  {
    name: 'enquiry',
    key: ['enquiry_id'],
    holds: 'case reference, who asks, who is sought, purpose, legal basis, expiry',
    cleared: true,
  },
];

/** Tables of whom faces are, by `person_id`: an erasure of a person takes their rows, and of a record leaves the hash. */
export const PERSON_TABLES: readonly ResultTable[] = [
  {
    name: 'person',
    key: ['person_id'],
    holds: 'persons that people named; no image',
    kept: 'until erased, or its expiry date',
    cleared: true,
  },
  {
    name: 'person_note',
    key: ['note_id'],
    holds: 'what was said of a person elsewhere: sightings, statuses; no image',
    kept: 'until its person is erased',
    cleared: true,
  },
  {
    // Not cleared: what was erased does not come back with the next file.
    name: 'pfif_record',
    key: ['record_hash'],
    holds: 'records of other organisations as they came, by the hash of their id; no image',
    kept: 'until its person is erased; the hash for good',
  },
];

/** Tables that name no image, or only by what cannot be traced back to it. */
export const OTHER_TABLES: readonly ResultTable[] = [
  ...ENQUIRY_TABLES,
  {
    name: 'tag_count',
    key: ['kind', 'name'],
    holds: 'how many images a tag has; its name goes with the last of them',
    cleared: true,
  },
  {
    // `clear` keeps its sums: see there.
    name: 'batch_count',
    key: ['batch_id', 'status'],
    holds: 'how many images a batch has; its name goes with the last of them',
  },
  {
    name: 'step_count',
    key: ['batch_id', 'step', 'state', 'code', 'took'],
    holds:
      'how many images of a batch a step ended how for, and how fast; its name goes with the last of them',
    cleared: true,
  },
  {
    name: 'people_group',
    key: ['group_id', 'batch_id'],
    holds: 'groups of faces by size; one goes with the last of its faces',
    cleared: true,
  },
  {
    name: 'group_scope',
    key: ['batch_id'],
    holds: 'how many faces a batch has, roughly; its name goes with the last of them',
    cleared: true,
  },
  {
    name: 'recognition',
    key: ['id'],
    holds: 'which model of recognition is in use; nothing about an image',
    kept: 'for good',
  },
  { name: 'group_lock', key: ['id'], holds: 'nothing about an image', kept: 'for good' },
  ...PERSON_TABLES,
  {
    name: 'calibration',
    key: ['calibration_id'],
    holds: 'error rates of the recognition, and how sure they are; nothing about an image',
    kept: 'until cleared',
    cleared: true,
  },
  {
    name: 'calibration_draw',
    key: ['draw_id'],
    holds: 'how many pairs of faces were drawn for a calibration; nothing about an image',
    kept: 'until cleared',
    cleared: true,
  },
  {
    name: 'reviewer_measuring',
    key: ['id'],
    holds: 'how often reviewers meet pairs whose answer is known, and who set it; nothing about an image',
    kept: 'until cleared',
    cleared: true,
  },
  {
    name: 'reviewer_consent',
    key: ['reviewer'],
    holds: 'which reviewers agreed to be measured, and when; nothing about an image',
    kept: 'until they take it back',
    cleared: true,
  },
  {
    // `clear` folds it in, and empties it so.
    name: 'count_change',
    key: ['change_id', 'part'],
    holds: 'what a result changed of these counts: names of batches and tags, of no image',
    kept: 'until it is folded in, some minutes; by an erasure at once',
  },
  { name: 'card_fill', key: ['id'], holds: 'nothing about an image', kept: 'for good' },
  { name: 'count_fold', key: ['id'], holds: 'nothing about an image', kept: 'for good' },
  {
    name: 'erased_image',
    key: ['image_hash'],
    holds: 'hashes of the ids of erased images',
    kept: 'for good',
  },
  {
    name: 'bulk_act',
    key: ['id'],
    holds: 'acts on many images: who asked, what for, how many, how far',
    kept: '30 days after they began',
    cleared: true,
  },
  { name: 'audit_head', key: ['id'], holds: 'the latest entry of who did what', kept: 'for good' },
  {
    name: 'audit_entry',
    key: ['sequence'],
    holds: 'who did what; images by opaque ids only',
    kept: 'for good: it is only ever added to',
  },
  { name: 'schema_version', key: ['version'], holds: 'nothing about an image', kept: 'for good' },
];

/** Every table of the database. Whoever drops them in this order meets no foreign key. */
export const RESULT_TABLES: readonly ResultTable[] = [...IMAGE_TABLES, ...OTHER_TABLES];

/** Tables whose rows are about two images each: whoever stands in one has a partner. */
export const PAIR_TABLES = IMAGE_TABLES.flatMap(({ name, images }) =>
  images?.length === 2 ? [{ name, images }] : [],
);
