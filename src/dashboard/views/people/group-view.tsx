import { useEffect, useRef, useState } from 'react';
import type { GroupDetail, GroupFaceView } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { getJson, query } from '../../live/client.ts';
import { useCommands } from '../../live/commands.ts';
import { useKeys } from '../../live/keys.ts';
import { lookNow } from '../../live/live.ts';
import { useMay } from '../../live/me.ts';
import { notify } from '../../live/notices.ts';
import { go, href, imageHref } from '../../live/router.ts';
import { useResource } from '../../live/use-resource.ts';
import { useTitle } from '../../live/use-title.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { FaceCrop } from '../../parts/face-crop.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Message } from '../../parts/message.tsx';
import { NeedsRole } from '../../parts/needs-role.tsx';
import { photographName } from '../../parts/photograph-name.ts';
import { Skeleton } from '../../parts/skeleton.tsx';
import { strings } from '../../strings.ts';
import { type Done, stayingFace } from './acts.ts';
import { DoneBar } from './done-bar.tsx';
import { GroupDecisions } from './group-decisions.tsx';
import { HideDialog, NameDialog, type ShownGroup } from './group-dialogs.tsx';
import { nameOf } from './name-of.ts';
import { SplitDialog } from './split-dialog.tsx';
import { useDone } from './use-done.ts';
import { useGridKeys } from './use-grid-keys.ts';
import './people.css';

const text = strings.people;
const PAGE = 200;

/** What was done to a group that goes by another address since: it can be taken back there. */
let ledTo: { group: string; done: Done } | undefined;
function takeOver(group: string): Done | undefined {
  const done = ledTo?.group === group ? ledTo.done : undefined;
  ledTo = undefined;
  return done;
}

interface MemberProps {
  face: GroupFaceView;
  current: boolean;
  chosen: boolean;
  may: boolean;
  onFocus(): void;
  onChoose(): void;
}

function Member({ face, current, chosen, may, onFocus, onChoose }: MemberProps) {
  return (
    <li className="member" data-chosen={chosen || undefined} onFocus={onFocus}>
      <button
        type="button"
        data-cell
        aria-pressed={chosen}
        disabled={!may}
        tabIndex={current ? 0 : -1}
        onClick={onChoose}
      >
        <FaceCrop face={face.face} alt={text.faceIn(photographName(face))} />
      </button>
      <span className="hint">
        {[
          face.decided ? text.byPeople : text.byMachine,
          face.quality !== null && strings.candidate.quality(face.quality),
          face.taken !== null && strings.enquiries.takenOn(face.taken),
        ]
          .filter((part) => part !== false)
          .join(', ')}
      </span>
      <a href={imageHref(face.imageId)} tabIndex={current ? 0 : -1}>
        <bdi>{photographName(face)}</bdi>
      </a>
    </li>
  );
}

interface GroupProps {
  group: GroupDetail;
  stamp: string;
  /** Goes where the group is now, where an act has led elsewhere. */
  lead: (() => void) | undefined;
  onChange(done?: Done): void;
}

function Group({ group, stamp, lead, onChange }: GroupProps) {
  const may = useMay('caseworker');
  type More = { of: GroupDetail; members: readonly GroupFaceView[]; next: string | null };
  const [loaded, setMore] = useState<More>();
  // After an act the pages behind the first are others as well.
  const more = loaded?.of === group ? loaded : undefined;
  const members = [...group.members, ...(more?.members ?? [])];
  const next = more === undefined ? group.next : more.next;
  const [chosen, setChosen] = useState<readonly string[]>([]);
  type Asked = { what: 'name' | 'hide'; group: ShownGroup } | { what: 'split'; faces: GroupFaceView[] };
  const [asked, setAsked] = useState<Asked>();
  const acted = useDone(onChange, group, () => takeOver(group.id));
  // Not away from a form, or from what is under way: it would be lost, or be shown nowhere.
  const mayLead = asked === undefined && !acted.underWay;
  useEffect(() => {
    if (mayLead) lead?.();
  }, [mayLead, lead]);
  const mayAct = may && !acted.isOver(group);
  const toggle = (face: string) => {
    if (!may) return;
    setChosen((now) => (now.includes(face) ? now.filter((one) => one !== face) : [...now, face]));
  };
  const { current, setCurrent, onKeyDown } = useGridKeys(
    members.map(({ face }) => face),
    toggle,
  );
  const picked = members.filter(({ face }) => chosen.includes(face));
  const shown: ShownGroup = { ...group, some: group.members.slice(0, 6) };
  const ask = (what: Asked['what']) => {
    if (!mayAct) return;
    if (what !== 'split') setAsked({ what, group: shown });
    else if (picked.length > 0) setAsked({ what, faces: picked });
    else notify(text.splitNone);
  };
  const acts = [
    { keys: ['n'], does: text.keys.name, run: () => ask('name') },
    { keys: ['s'], does: text.keys.split, run: () => ask('split') },
    { keys: ['h'], does: text.keys.hide, run: () => ask('hide') },
    ...(acted.last === undefined ? [] : [{ keys: ['u'], does: text.undo, run: acted.undo }]),
  ];
  useKeys(text.title, [
    ...acts,
    { keys: ['x', ' '], does: text.keys.choose },
    {
      keys: ['Escape'],
      does: text.keys.back,
      run: () => (picked.length > 0 ? setChosen([]) : go(href(['people']))),
    },
  ]);
  useCommands(
    text.title,
    may ? acts.map(({ keys: [key = ''], does, run }) => ({ label: does, key, run })) : [],
  );
  const load = async () => {
    try {
      const page = await getJson<GroupDetail>(
        `${routes.group(group.id)}${query({ limit: PAGE, after: next ?? undefined })}`,
      );
      setMore({ of: group, members: [...(more?.members ?? []), ...page.members], next: page.next });
    } catch (problem) {
      notify((problem as Error).message, 'error');
    }
  };
  const done = {
    during: acted.during,
    onClose: () => setAsked(undefined),
    onDone: (what: Done) => {
      // Not what was chosen since.
      setChosen((now) => (now === chosen ? [] : now));
      acted.take(what);
    },
  };
  return (
    <>
      <header>
        <h1>
          <bdi>{nameOf(group)}</bdi>
        </h1>
        <p className="hint">
          {text.faces(group.faces)}, {text.decided(group.decided, group.faces)}
        </p>
        {group.contested && (
          <p className="contested">
            <span className="status-mark" data-standing="contested">
              {text.contested}
            </span>{' '}
            {text.contestedMeans}
          </p>
        )}
      </header>
      {may && (
        <div className="people-bar">
          <button
            type="button"
            className="button small"
            aria-keyshortcuts="n"
            disabled={!mayAct}
            onClick={() => ask('name')}
          >
            {group.person === null ? text.nameIt : text.rename} <kbd>n</kbd>
          </button>
          <button
            type="button"
            className="button small"
            aria-keyshortcuts="s"
            disabled={!mayAct || picked.length === 0}
            onClick={() => ask('split')}
          >
            {text.split} {picked.length > 0 && `(${picked.length})`} <kbd>s</kbd>
          </button>
          <button
            type="button"
            className="button small quiet"
            aria-keyshortcuts="h"
            disabled={!mayAct}
            onClick={() => ask('hide')}
          >
            {text.hide} <kbd>h</kbd>
          </button>
          {group.person !== null && (
            <a
              className="button small quiet"
              href={href(['review'], new URLSearchParams({ person: group.person.id }))}
            >
              {strings.review.ofPerson}
            </a>
          )}
        </div>
      )}
      <NeedsRole least="caseworker" />
      <DoneBar acted={acted} />
      <section aria-labelledby="group-members">
        <h2 id="group-members">{text.members}</h2>
        <p className="hint">{text.membersHint}</p>
        <ul className="members" onKeyDown={onKeyDown}>
          {members.map((face, index) => (
            <Member
              key={face.face}
              face={face}
              current={index === current}
              chosen={chosen.includes(face.face)}
              may={may}
              onFocus={() => setCurrent(index)}
              onChoose={() => toggle(face.face)}
            />
          ))}
        </ul>
        {next !== null && (
          <button type="button" className="button" onClick={() => void load()}>
            {strings.common.more}
          </button>
        )}
      </section>
      <GroupDecisions group={group} stamp={stamp} onChange={onChange} />
      {asked?.what === 'name' && <NameDialog group={asked.group} {...done} />}
      {asked?.what === 'hide' && <HideDialog group={asked.group} {...done} />}
      {asked?.what === 'split' && <SplitDialog group={group} faces={asked.faces} {...done} />}
    </>
  );
}

/** One group: every face of it, who said so, and what can be mended. */
export function GroupView({ id }: { id: string }) {
  // A group is called by what is in it: the address of one that was joined or parted leads on by a face of it.
  const [turn, setTurn] = useState(0);
  const found = useResource<GroupDetail>(`${routes.group(id)}${query({ limit: PAGE })}`, String(turn));
  const [leads, setLeads] = useState<() => void>();
  const [looking, setLooking] = useState(false);
  const kept = useRef(found.data);
  useEffect(() => {
    kept.current = found.data ?? kept.current;
  });
  // Under its old address a group may be gone before it is known where it is.
  const awaited = looking || leads !== undefined;
  const group = found.data ?? (awaited ? kept.current : undefined);
  const isGone = found.error?.status === 404 && !awaited;
  // Not by name: titles stay in the history of a browser that others may use.
  useTitle(text.title);
  const latest = useRef(0);
  const changed = async (done?: Done) => {
    const number = ++latest.current;
    setLeads(undefined);
    setTurn((now) => now + 1);
    lookNow();
    if (group === undefined) return;
    setLooking(true);
    const stays = stayingFace(group, new Set(done?.left));
    try {
      const now = await getJson<{ id: string }>(routes.groupOfFace(stays));
      // Where an act before the last one led says nothing of the last.
      if (now.id === id || number !== latest.current) return;
      setLeads(() => () => {
        ledTo = done && { group: now.id, done };
        go(href(['people', now.id]), true);
      });
    } catch {
      // The face is gone: the list shows how things stand.
    } finally {
      if (number === latest.current) setLooking(false);
    }
  };
  return (
    <div className="view people-view">
      <a className="back" href={href(['people'])}>
        <Icon name="back" /> {text.back}
      </a>
      {isGone && <Message title={text.title} text={id.startsWith('person:') ? text.noFaces : text.gone} />}
      {found.error !== undefined && found.error.status !== 404 && (
        <ErrorMessage error={found.error} onRetry={found.reload} />
      )}
      {group === undefined && found.error === undefined && <Skeleton form="tiles" count={4} />}
      {group !== undefined && !isGone && (
        <Group group={group} stamp={String(turn)} lead={leads} onChange={(done) => void changed(done)} />
      )}
    </div>
  );
}
