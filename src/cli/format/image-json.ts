import { lookedFor } from '../../domain/looked-for.ts';
import type { StoredImage } from '../../results/rows.ts';

/** What an empty list means: `looked`, or why it was not looked for. */
function lookedForJson(image: StoredImage) {
  const { tags, text, faces, matches } = lookedFor(image);
  return { tags: tags.state, text: text.state, faces: faces.state, matches: matches.state };
}

/** An image as `results --json` and `export` print it, in the names of the message contract (snake_case). */
export function imageJson(image: StoredImage) {
  const errors = Object.entries(image.steps).flatMap(([step, { state, error, attempts }]) =>
    state === 'done' ? [] : [{ step, state, ...error, attempts }],
  );
  return {
    id: image.id,
    batch_id: image.batchId,
    image_url: image.imageUrl,
    run: image.run,
    processing_pipeline: image.pipeline,
    status: image.status,
    ...(image.reason && { reason: image.reason }),
    errors,
    ...(image.warnings && { warnings: image.warnings }),
    ...(image.consent && {
      purpose: image.consent.purpose,
      legal_basis: image.consent.legalBasis,
      expires: image.consent.expires,
      do_not_match: image.consent.doNotMatch,
    }),
    ...(image.exif !== undefined && { exif: image.exif }),
    looked_for: lookedForJson(image),
    width: image.width,
    height: image.height,
    bytes: image.bytes,
    caption: image.caption,
    tags: image.tags,
    text: image.text ?? '',
    faces: image.faces.map(({ key, rectangle, crop, quality, attributes, enrolled }) => ({
      face: key,
      rectangle,
      crop,
      quality,
      attributes,
      enrolled,
    })),
    matches: image.matches.map((match) => ({
      image_url: match.otherImageUrl,
      confidence: match.confidence,
      id: match.otherImage,
      batch_id: match.otherBatchId,
      face: match.face,
      other_face: match.otherFace,
      other_rectangle: match.otherRectangle,
      margin: match.margin,
    })),
    finished_at: image.finishedAt,
    job_output: image.jobOutput,
  };
}
