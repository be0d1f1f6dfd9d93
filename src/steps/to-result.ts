import type { z } from 'zod';
import type { Consent } from '../domain/consent.ts';
import { FIRST_MODEL } from '../domain/recognition-model.ts';
import type { JobRecord, StepJob } from '../domain/step.ts';
import { warningsOf } from '../domain/warning.ts';
import type { ImageResult, ImageStatus, ResultFace, ResultMatch } from '../results/rows.ts';
import { ownFaceKey } from './face-keys.ts';
import { cropsSchema } from './facecrop.ts';
import { facesSchema, keyed } from './facedetection.ts';
import { matchesSchema } from './facematch.ts';
import { faceprintsSchema } from './faceprint.ts';
import { analysisSchema } from './generalclassification.ts';
import { ocrSchema } from './ocr.ts';

/** Turns what a job's steps put out into what the result store keeps. Outputs that are absent leave their part empty. */
export function toResult(
  job: StepJob,
  record: JobRecord,
  outputs: Record<string, unknown>,
  now: number,
  consent: Consent | undefined = job.consent,
): ImageResult {
  const analysis = read(analysisSchema, outputs.generalclassification);
  const text = read(ocrSchema, outputs.ocr)?.OCR_fullText;
  const caption = analysis?.description?.captions?.[0]?.text;
  const warnings = warningsOf(record.image?.warnings, outputs);
  const here = record.end?.kind !== 'superseded' && record.end?.kind !== 'gone';
  return {
    id: job.id,
    batchId: job.batchId,
    imageUrl: record.imageUrl,
    run: job.run,
    status: statusOf(record),
    ...(record.end && { reason: record.end.reason }),
    pipeline: [...job.pipeline],
    steps: { ...record.steps },
    ...(job.parameters !== undefined && { imageParameters: job.parameters }),
    ...(consent && { consent }),
    ...(record.image?.exif && { exif: record.image.exif }),
    ...(warnings.length > 0 && { warnings }),
    jobOutput: outputs,
    ...(record.image && {
      width: record.image.width,
      height: record.image.height,
      bytes: record.image.bytes,
    }),
    ...(caption !== undefined && { caption }),
    ...(text !== undefined && { text }),
    ...(analysis?.categories && { categories: analysis.categories }),
    ...(analysis?.description && { description: analysis.description }),
    tags: (analysis?.tags ?? []).map(({ name, confidence }) => ({ name, confidence })),
    faces: here ? facesOf(job, outputs) : [],
    matches: here ? matchesOf(job, outputs) : [],
    ...(here && modelOf(outputs)),
    finishedAt: new Date(now).toISOString(),
    // A rerun ends long after the admission.
    ...(job.run === 0 && { latencyMs: Math.max(0, now - Date.parse(record.admittedAt)) }),
  };
}

function statusOf(record: JobRecord): ImageStatus {
  if (record.end) return record.end.kind;
  const fine = Object.values(record.steps).every(({ state }) => state === 'done' || state === 'unavailable');
  return fine ? 'done' : 'partial';
}

function facesOf(job: StepJob, outputs: Record<string, unknown>): ResultFace[] {
  const detected = read(facesSchema, outputs.facedetection);
  if (!detected) return [];
  const own = (key: string) => ownFaceKey(job.id, key);
  const crops = new Map(
    read(cropsSchema, outputs.facecrop)?.crops.map((crop) => [own(crop.faceKey), crop.name]),
  );
  const prints = new Map(
    read(faceprintsSchema, outputs.faceprint)?.faces.map((face) => [own(face.faceKey), face.quality]),
  );
  const enrolled = new Map(
    read(matchesSchema, outputs.facematch)?.faces.map((face) => [own(face.faceKey), face.enrolled]),
  );
  return keyed(detected, job.id).map(({ faceKey: key, faceRectangle, faceAttributes }) => {
    const { left, top, width, height } = faceRectangle;
    const crop = crops.get(key);
    const quality = prints.get(key);
    return {
      key,
      rectangle: { left, top, width, height },
      ...(crop !== undefined && { crop }),
      ...(quality !== undefined && { quality }),
      ...(faceAttributes !== undefined && { attributes: faceAttributes }),
      enrolled: enrolled.get(key) ?? false,
    };
  });
}

/** Outputs that do not say so are from before there was a choice. */
function modelOf(outputs: Record<string, unknown>): Pick<ImageResult, 'model'> {
  const matched = read(matchesSchema, outputs.facematch);
  return matched ? { model: matched.model ?? FIRST_MODEL } : {};
}

function matchesOf(job: StepJob, outputs: Record<string, unknown>): ResultMatch[] {
  return (read(matchesSchema, outputs.facematch)?.matches ?? []).map((match) => {
    const { left, top, width, height } = match.face_rectangle;
    return {
      face: ownFaceKey(job.id, match.face_key),
      otherFace: match.other_face_key,
      otherImage: match.id,
      otherImageUrl: match.image_url,
      otherRectangle: { left, top, width, height },
      confidence: match.confidence,
      ...(match.margin !== undefined && { margin: match.margin }),
    };
  });
}

function read<S extends z.ZodType>(schema: S, output: unknown): z.infer<S> | undefined {
  const parsed = schema.safeParse(output);
  return parsed.success ? parsed.data : undefined;
}
