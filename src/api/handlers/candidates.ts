import { z } from 'zod';
import { subject } from '../../audit/subject.ts';
import type { Candidate, CandidateDetail, FaceShown } from '../../people/enquiry/candidates.ts';
import type { Call, Handler } from '../call.ts';
import type { CandidateDetail as DetailView, Candidate as View } from '../contract.ts';
import { fromCursor, toCursor } from '../cursor.ts';
import { toPlace } from '../matches.ts';
import { notFound } from '../problem.ts';

/** Whether the list has come to those that are to be judged without a score; score and id of the last. */
const position = z.tuple([z.int().min(0).max(1), z.number(), z.string()]);

const toView = ({ score, margin, model, ownFace, ...candidate }: Candidate): View => ({
  ...candidate,
  score: score ?? null,
  model: model ?? null,
  margin: margin ?? null,
  ownFace: ownFace ?? null,
});

const toFace = (face: FaceShown) => ({
  ...toPlace(face),
  quality: face.quality ?? null,
  taken: face.taken ?? null,
});

function toDetail(detail: CandidateDetail): DetailView {
  const { worth, evidence, proposals, unlike, group, own, words, ageGapYears, ...candidate } = detail;
  return {
    ...toView(candidate),
    worth: worth ?? null,
    evidence: evidence.map(({ own: one, other, confidence }) => ({
      own: one,
      other,
      confidence: confidence ?? null,
    })),
    proposals: proposals.map(({ id, own: one, other, by, at, reason }) => ({
      id,
      own: one,
      other,
      by,
      at,
      reason: reason ?? null,
    })),
    unlike,
    group: group.map(toFace),
    own: own.map(toFace),
    words: words.map(({ reason, score, model, ...one }) => ({
      ...one,
      model: model ?? null,
      reason: reason ?? null,
      score: score ?? null,
    })),
    ageGapYears: ageGapYears ?? null,
  };
}

export const listCandidates: Handler<'listCandidates'> = async ({ app, person, query }) => {
  const { enquiry, standing, after, limit } = query;
  const [blind, score, id] = after === undefined ? [] : fromCursor(after, position);
  const candidates = await (await app.candidates()).list(
    {
      ...(enquiry !== undefined && { enquiry }),
      ...(standing !== undefined && { standing }),
      ...(score !== undefined && id !== undefined && { after: { blind: blind === 1, score, id } }),
      limit,
    },
    person,
  );
  const last = candidates.length === limit ? candidates.at(-1) : undefined;
  return {
    candidates: candidates.map(toView),
    next: last ? toCursor([last.blind ? 1 : 0, last.score ?? 0, last.id]) : null,
  };
};

export const getCandidate: Handler<'getCandidate'> = async ({ app, person, params: { candidate: id } }) => {
  const detail = await (await app.candidates()).get(id, person);
  if (!detail) throw notFound('candidate');
  await app.audit.record({
    who: person.name,
    action: 'candidate.read',
    about: [subject.candidate(id), subject.enquiry(detail.enquiry)],
  });
  return toDetail(detail);
};

export const proposeCandidate: Handler<'proposeCandidate'> = async (call) => {
  const { app, person, params, body, log, signal } = call;
  const { face, own, reason } = body;
  const id = await (await app.review()).propose(
    params.enquiry,
    { face, ...(own !== undefined && { own }), ...(reason !== undefined && { reason }) },
    person.name,
  );
  app.telling.nudge(log, signal);
  return shown(call, id);
};

async function shown(
  { app, person }: Pick<Call<'getCandidate'>, 'app' | 'person'>,
  id: string,
): Promise<DetailView> {
  const detail = await (await app.candidates()).get(id, person);
  // The word made it another one: a group that was joined to a second, say.
  if (!detail) throw notFound('candidate');
  return toDetail(detail);
}

export const decideCandidate: Handler<'decideCandidate'> = async (call) => {
  const { app, person, params, body, log, signal } = call;
  const { word, reason, version } = body;
  await (await app.review()).say(
    params.candidate,
    { word, ...(reason !== undefined && { reason }), ...(version !== undefined && { version }) },
    person,
  );
  app.telling.nudge(log, signal);
  return shown(call, params.candidate);
};

export const undoWord: Handler<'undoWord'> = async (call) => {
  const { app, person, params, body } = call;
  const { candidate } = await (await app.review()).undo(params.word, person, body.reason);
  return shown(call, candidate);
};
