import { overlap } from '../../../domain/overlap.ts';
import { type DetectedFace, detectFaces } from './face-detector.ts';
import { type FoundLandmarks, findLandmarks, isSteady } from './face-landmarks.ts';
import type { FaceNets } from './face-nets.ts';
import { glanceAtTurns, type Quarters, turnedBack } from './face-turns.ts';
import { type Pixels, turn } from './pixels.ts';

type FoundFace = DetectedFace & FoundLandmarks;

/** Boxes that share more than this show one face. */
const SAME_FACE = 0.35;

/**
 * All faces of a picture with their landmarks. Where what was found does not stand upright, or nothing was found, the
 * picture may have been taken with a turned camera that wrote no orientation: it is searched turned, too.
 */
export async function searchFaces(nets: FaceNets, image: Pixels): Promise<FoundFace[]> {
  const found = await located(nets, image, await detectFaces(nets, image));
  const quarters = await turnOf(nets, image, found);
  if (quarters === 0) return found;
  const turned = await detectFaces(nets, await turn(image, quarters));
  const boxes = turned.map(({ box, score }) => ({ score, box: turnedBack(box, quarters, image) }));
  return merged(found, await located(nets, image, boxes));
}

async function located(nets: FaceNets, image: Pixels, faces: readonly DetectedFace[]): Promise<FoundFace[]> {
  const found: FoundFace[] = [];
  for (const face of faces) found.push({ ...face, ...(await findLandmarks(nets, image, face.box)) });
  return found;
}

async function turnOf(nets: FaceNets, image: Pixels, found: readonly FoundFace[]): Promise<Quarters> {
  const votes = [0, 0, 0, 0];
  for (const face of found) if (isSteady(face)) votes[face.quarters] = (votes[face.quarters] ?? 0) + 1;
  const most = Math.max(...votes);
  if (most > 0) return votes.indexOf(most) as Quarters;
  return (await glanceAtTurns(nets, image)) ?? 0;
}

/** Of two findings of one face the steady one stays, else the first. */
function merged(first: readonly FoundFace[], second: readonly FoundFace[]): FoundFace[] {
  const kept = [...second.filter(isSteady)];
  for (const face of [...first.filter(isSteady), ...first]) {
    if (kept.every(({ box }) => overlap(box, face.box) <= SAME_FACE)) kept.push(face);
  }
  return kept;
}
