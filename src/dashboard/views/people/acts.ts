import type {
  DecisionPage,
  GroupDetail,
  GroupView,
  LogEntry,
  PersonDetail,
  PersonView,
  Split,
} from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { getJson, query, send } from '../../live/client.ts';
import { decide } from '../../live/decide.ts';
import { strings } from '../../strings.ts';

/** What was done, in words, and how it is taken back. */
export interface Done {
  says: string;
  /** Keys of faces that are in another group since: the page stays with the others. */
  left?: readonly string[];
  undo(): Promise<void>;
}

const text = strings.people;

/** Goes on, when it is tried again, with what was not taken back yet. */
function takeBack(decisions: readonly string[]): Done['undo'] {
  const left = [...decisions];
  return async () => {
    for (let id = left[0]; id !== undefined; id = left[0]) {
      await send('POST', routes.decisionUndo(id), {});
      left.shift();
    }
  };
}

/**
 * What an act has made, to take it back by. Read at once, for others may add to it; where that fails the act is done all the
 * same, and it is read when it is needed.
 */
async function readNow<T>(read: () => Promise<T>): Promise<() => Promise<T>> {
  let known = await read().catch(() => undefined);
  return async () => {
    known ??= await read();
    return known;
  };
}

const logOf = async (about: Record<string, string>): Promise<readonly LogEntry[]> =>
  (await getJson<DecisionPage>(`${routes.decisions}${query({ ...about, limit: 200 })}`)).decisions;

/** Makes a person of the face that a group is shown by: of the others nothing is said. */
async function makePerson(
  group: GroupView,
  values: Record<string, unknown>,
  id: string,
): Promise<Done['undo']> {
  const made = await send<PersonView>('POST', routes.people, { id, ...values, faces: [group.lead] });
  if (made === undefined) throw new Error(strings.common.somethingWrong);
  // The oldest: whatever stands above it was said by others since.
  const said = await readNow(async () =>
    takeBack((await logOf({ person: made.id })).slice(-1).map(({ id }) => id)),
  );
  return async () => {
    await (await said())();
    const { group: left } = await getJson<PersonDetail>(routes.person(made.id));
    // Only an administrator erases: without a face, a name and a place in the lists nothing shows of the person. Where
    // somebody has given them another face since, they stay.
    if (left === null) await change(made.id, { fullName: null, hidden: true });
  };
}

const change = (person: string, values: Record<string, unknown>) =>
  send<PersonView>('PUT', routes.person(person), values);

/** @param id of the person that is made where there is none @throws {ApiError} */
export async function nameGroup(group: GroupView, fullName: string, id: string): Promise<Done> {
  const { person } = group;
  if (person === null) return { says: text.named, undo: await makePerson(group, { fullName }, id) };
  const before = await getJson<PersonDetail>(routes.person(person.id));
  if (before.fullName !== person.fullName) throw new Error(text.renamed(before.fullName ?? text.nameless));
  const { version } = (await change(person.id, { fullName, version: before.version })) ?? before;
  return {
    says: text.named,
    // Not over a name that somebody else has given since.
    undo: async () => void (await change(person.id, { fullName: person.fullName, version })),
  };
}

/** @param id of the person that is made where there is none @throws {ApiError} */
export async function hideGroup(group: GroupView, id: string): Promise<Done> {
  const { person } = group;
  if (person === null) return { says: text.hidden, undo: await makePerson(group, { hidden: true }, id) };
  await change(person.id, { hidden: true });
  return { says: text.hidden, undo: async () => void (await change(person.id, { hidden: false })) };
}

/** Says that two groups are one person; both go by the first. @throws {ApiError} */
export async function mergeGroups(stays: GroupView, goes: GroupView, reason: string): Promise<Done> {
  const why = reason === '' ? {} : { reason };
  const done = (id: string): Done => ({ says: text.merged, undo: takeBack([id]) });
  if (stays.person !== null && goes.person !== null) {
    const said = await send<LogEntry>('POST', routes.personMerge(goes.person.id), {
      into: stays.person.id,
      ...why,
    });
    if (said !== undefined) return done(said.id);
  }
  const named = stays.person ?? goes.person;
  if (named !== null) {
    const { lead } = stays.person === null ? stays : goes;
    const said = await send<LogEntry | null>('PUT', routes.personFace(named.id, lead), {
      verdict: 'same',
      ...why,
    });
    if (said != null) return done(said.id);
  }
  await decide(stays.lead, goes.lead, 'confirmed');
  const said = await readNow(async () => {
    const [last] = (await logOf({ face: stays.lead })).filter(({ faces }) => faces.includes(goes.lead));
    if (last === undefined) throw new Error(strings.common.somethingWrong);
    return last.id;
  });
  return { says: text.merged, undo: async () => takeBack([await said()])() };
}

/** The face by which a group is found again once some have left it: the one it is shown by, where that stays. */
export const stayingFace = (
  { lead, members }: Pick<GroupDetail, 'lead' | 'members'>,
  left: ReadonlySet<string>,
): string => [lead, ...members.map(({ face }) => face)].find((face) => !left.has(face)) ?? lead;

/**
 * Takes faces out of their group, and says who left it with them: faces that nothing but one of these held to the others.
 * What that took is several decisions, which are taken back together.
 *
 * @throws {ApiError}
 */
export async function splitFaces(
  group: GroupDetail,
  faces: readonly string[],
  to: { person?: string; reason?: string },
): Promise<Done> {
  const made = await send<Split>('POST', routes.split, { faces, ...to });
  const undo = async () =>
    void (await send('POST', routes.decisionsUndo, { decisions: made?.decisions ?? [] }));
  const left = new Set(faces);
  const stays = await getJson<{ faces: number }>(routes.groupOfFace(stayingFace(group, left))).catch(
    () => undefined,
  );
  const others = stays === undefined ? 0 : group.faces - left.size - stays.faces;
  return { says: text.splitDone(left.size, Math.max(others, 0)), left: faces, undo };
}
