import { subject } from '../../audit/subject.ts';
import type { Decision } from '../../people/decision.ts';
import type { GroupFace, GroupSummary } from '../../people/group-reader.ts';
import { personNode } from '../../people/node.ts';
import type { PersonValues } from '../../people/person.ts';
import { whyThreshold } from '../../people/threshold.ts';
import type { Handler } from '../call.ts';
import type { GroupFaceView, GroupView, LogEntry } from '../contract.ts';
import { fromCursor, groupPosition, oneName, timeAndId, toCursor, twoNames } from '../cursor.ts';
import { seesEnquiries, shownTo } from '../enquiry-photographs.ts';
import { toPlace } from '../matches.ts';
import { notFound } from '../problem.ts';

/** Faces of a group in a list of groups. */
const FACES_SHOWN = 6;

const truth = (text: 'true' | 'false' | undefined): boolean | undefined =>
  text === undefined ? undefined : text === 'true';

const toGroup = ({ id, faces, decided, person, contested, lead }: GroupSummary): GroupView => ({
  id,
  faces,
  decided,
  contested,
  lead,
  person: person ? { id: person.id, fullName: person.fullName ?? null } : null,
});

const toFace = (face: GroupFace): GroupFaceView => ({
  ...toPlace(face),
  quality: face.quality ?? null,
  decided: face.decided,
  taken: face.taken ?? null,
});

const toEntry = ({
  candidateId,
  enquiryId,
  reason,
  score,
  model,
  supersedes,
  ...rest
}: Decision): LogEntry => ({
  ...rest,
  candidate: candidateId ?? null,
  enquiry: enquiryId ?? null,
  reason: reason ?? null,
  score: score ?? null,
  model: model ?? null,
  supersedes: supersedes ?? null,
});

export const listGroups: Handler<'listGroups'> = async ({ app, person, query }) => {
  const { groups } = await app.people();
  const named = truth(query.named);
  const contested = truth(query.contested);
  const [faces, id] = query.after === undefined ? [] : fromCursor(query.after, groupPosition);
  const found = await groups.list({
    ...(query.batch !== undefined && { batchId: query.batch }),
    ...(named !== undefined && { named }),
    ...(contested !== undefined && { contested }),
    ...(faces !== undefined && id !== undefined && { after: { faces, id } }),
    limit: query.limit,
  });
  const some = await groups.someFaces(found, FACES_SHOWN);
  const last = found.length === query.limit ? found.at(-1) : undefined;
  const threshold = await groups.threshold(query.batch);
  return {
    groups: found.map((group) => {
      const shown = shownTo(person, some.get(group.id) ?? []);
      // By which it is shown may be a face that this person may not see.
      return { ...toGroup(group), lead: shown[0]?.face ?? group.lead, some: shown.map(toFace) };
    }),
    threshold: {
      faces: threshold.faces,
      confidence: threshold.confidence ?? null,
      basis: threshold.basis,
      why: whyThreshold(threshold, query.batch !== undefined),
    },
    next: last ? toCursor([last.faces, last.id]) : null,
  };
};

export const getGroup: Handler<'getGroup'> = async ({ app, person, params, query: { after, limit } }) => {
  const { groups } = await app.people();
  const group = await groups.get(params.group);
  if (!group) throw notFound('group');
  const [position] = after === undefined ? [] : fromCursor(after, oneName);
  const faces = await groups.faces(group, { limit, ...(position !== undefined && { after: position }) });
  await app.audit.record({
    who: person.name,
    action: 'group.read',
    about: [...new Set(faces.map(({ face }) => subject.face(face)))].slice(0, 100),
    detail: { faces: faces.length },
  });
  const last = faces.length === limit ? faces.at(-1) : undefined;
  return {
    ...toGroup(group),
    members: shownTo(person, faces).map(toFace),
    next: last ? toCursor([last.face]) : null,
  };
};

export const groupOfFace: Handler<'groupOfFace'> = async ({ app, params: { face } }) => {
  const { groups } = await app.people();
  const id = (await groups.idsOf([face])).get(face) ?? face;
  const group = await groups.get(id);
  if (!group) throw notFound('face');
  return toGroup(group);
};

export const split: Handler<'split'> = async ({ app, person, body: { faces, person: to, reason } }) => {
  const saying = { by: person.name, ...(reason !== undefined && { reason }) };
  return { decisions: await (await app.people()).split(faces, to, saying) };
};

export const faceTaken: Handler<'faceTaken'> = async ({ app, person, params: { face }, body: { taken } }) => {
  await (await app.people()).setTaken(face, taken, person.name);
  return null;
};

export const listPeople: Handler<'listPeople'> = async ({ app, query: { prefix, hidden, after, limit } }) => {
  const { persons } = await app.people();
  const [nameKey, id] = after === undefined ? [] : fromCursor(after, twoNames);
  const found = await persons.list({
    ...(prefix !== undefined && { prefix }),
    ...(hidden === 'true' && { hidden: true }),
    ...(nameKey !== undefined && id !== undefined && { after: { nameKey, id } }),
    limit,
  });
  const last = found.length === limit ? found.at(-1) : undefined;
  return {
    people: found.map(({ nameKey: _, ...rest }) => rest),
    next: last ? toCursor([last.nameKey, last.id]) : null,
  };
};

export const makePerson: Handler<'makePerson'> = async ({ app, person, body: { id, faces, ...values } }) =>
  (await app.people()).persons.make(given(values), { by: person.name }, faces, id);

export const getPerson: Handler<'getPerson'> = async ({ app, person, params }) => {
  const { persons, groups } = await app.people();
  const found = await persons.get(params.person);
  if (!found) throw notFound('person');
  await app.audit.record({ who: person.name, action: 'person.read', about: [subject.person(found.id)] });
  const keptAs = await persons.kept(found.id);
  const group = await groups.get(personNode(keptAs));
  return { ...found, keptAs, group: group ? toGroup(group) : null };
};

export const changePerson: Handler<'changePerson'> = async ({
  app,
  person,
  params,
  body: { version, ...values },
}) => (await app.people()).persons.change(params.person, given(values), person.name, version);

export const decidePersonFace: Handler<'decidePersonFace'> = async ({
  app,
  person,
  params,
  body: { verdict, reason },
}) => {
  const people = await app.people();
  const decision = await people.decide(params.face, personNode(params.person), verdict, {
    by: person.name,
    ...(reason !== undefined && { reason }),
  });
  return decision ? toEntry(decision) : null;
};

export const mergePerson: Handler<'mergePerson'> = async ({
  app,
  person,
  params,
  body: { into, reason },
}) => {
  const { persons } = await app.people();
  const saying = { by: person.name, ...(reason !== undefined && { reason }) };
  return toEntry(await persons.merge(params.person, into, saying));
};

export const listDecisions: Handler<'listDecisions'> = async ({ app, person, query }) => {
  const { after, limit, candidate, enquiry, ...rest } = query;
  const [at, id] = after === undefined ? [] : fromCursor(after, timeAndId);
  const found = await (await app.people()).decisions({
    ...(rest.face !== undefined && { face: rest.face }),
    ...(rest.image !== undefined && { image: rest.image }),
    ...(rest.person !== undefined && { person: rest.person }),
    ...(candidate !== undefined && { candidateId: candidate }),
    ...(enquiry !== undefined && { enquiryId: enquiry }),
    reader: person,
    archiveOnly: !seesEnquiries(person),
    ...(at !== undefined && id !== undefined && { after: { at, id } }),
    limit,
  });
  await app.audit.record({ who: person.name, action: 'decisions.read', detail: { decisions: found.length } });
  const last = found.length === limit ? found.at(-1) : undefined;
  return { decisions: found.map(toEntry), next: last ? toCursor([last.at, last.id]) : null };
};

export const undoDecision: Handler<'undoDecision'> = async ({ app, person, params, body: { reason } }) => {
  const saying = { by: person.name, ...(reason !== undefined && { reason }) };
  return toEntry(await (await app.people()).undo(params.decision, saying));
};

export const undoDecisions: Handler<'undoDecisions'> = async ({ app, person, body }) => {
  const { decisions, reason } = body;
  const saying = { by: person.name, ...(reason !== undefined && { reason }) };
  return { decisions: (await (await app.people()).undoAll(decisions, saying)).map(({ id }) => id) };
};

/** What is absent in a body is no key of it: the parser makes none. */
const given = (values: { [Name in keyof PersonValues]?: PersonValues[Name] | undefined }): PersonValues =>
  values as PersonValues;
