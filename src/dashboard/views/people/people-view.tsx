import { useState } from 'react';
import type { GroupPage, GroupThreshold } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { query } from '../../live/client.ts';
import { useCommands } from '../../live/commands.ts';
import { useKeys } from '../../live/keys.ts';
import { useStamp } from '../../live/live.ts';
import { useMay } from '../../live/me.ts';
import { href } from '../../live/router.ts';
import { usePages } from '../../live/use-pages.ts';
import { useResource } from '../../live/use-resource.ts';
import { useTitle } from '../../live/use-title.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { Message } from '../../parts/message.tsx';
import { MoreButton } from '../../parts/more-button.tsx';
import { NeedsRole } from '../../parts/needs-role.tsx';
import { Skeleton } from '../../parts/skeleton.tsx';
import { strings } from '../../strings.ts';
import { DoneBar } from './done-bar.tsx';
import { HideDialog, MergeDialog, NameDialog, type ShownGroup } from './group-dialogs.tsx';
import { GroupTile } from './group-tile.tsx';
import { PeopleFilter } from './people-filter.tsx';
import { PeopleList } from './people-list.tsx';
import { useDone } from './use-done.ts';
import { useGridKeys } from './use-grid-keys.ts';
import './people.css';

const text = strings.people;

const WHICH: Readonly<Record<string, Record<string, string>>> = {
  named: { named: 'true' },
  unnamed: { named: 'false' },
  contested: { contested: 'true' },
};

type Asked =
  | { what: 'name' | 'hide'; group: ShownGroup }
  | { what: 'merge'; groups: readonly [ShownGroup, ShownGroup] };

function Groups({ batch, show }: { batch: string; show: string }) {
  const may = useMay('caseworker');
  const stamp = useStamp();
  const path = (after?: string, limit = 40) =>
    `${routes.groups}${query({ batch, ...WHICH[show], limit, after })}`;
  const { items, more, error, loadMore, reload } = usePages<ShownGroup>(path, 'groups', stamp);
  // What the machine may join at all, and why; it does not depend on the page.
  const threshold: GroupThreshold | undefined = useResource<GroupPage>(path(undefined, 1), stamp).data
    ?.threshold;
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [asked, setAsked] = useState<Asked>();
  const acted = useDone(reload, items);
  const groups = items ?? [];
  const toggle = (id: string) => {
    if (!may) return;
    setChosen((now) => (now.includes(id) ? now.filter((one) => one !== id) : [...now, id]));
  };
  const { current, setCurrent, onKeyDown } = useGridKeys(
    groups.map(({ id }) => id),
    toggle,
  );
  const picked = chosen.flatMap((id) => groups.find((group) => group.id === id) ?? []);
  const [first, second, third] = picked;
  const pair = first !== undefined && second !== undefined && third === undefined;
  // Of one that is chosen, else of the one where the keys are.
  const subject = picked.length === 1 ? first : picked.length === 0 ? groups[current] : undefined;
  const mayMerge = pair && !acted.isOver(first) && !acted.isOver(second);
  const maySubject = subject !== undefined && !acted.isOver(subject);
  // As they are shown now: what comes meanwhile changes nothing of what is asked.
  const ask = (what: 'name' | 'merge' | 'hide') => {
    if (!may) return;
    if (what === 'merge') {
      if (mayMerge) setAsked({ what, groups: [first, second] });
    } else if (maySubject) setAsked({ what, group: subject });
  };
  const acts = [
    { keys: ['n'], does: text.keys.name, run: () => ask('name') },
    { keys: ['m'], does: text.keys.merge, run: () => ask('merge') },
    { keys: ['h'], does: text.keys.hide, run: () => ask('hide') },
    ...(acted.last === undefined ? [] : [{ keys: ['u'], does: text.undo, run: acted.undo }]),
  ];
  useKeys(text.title, [
    ...acts,
    { keys: ['x', ' '], does: text.keys.choose },
    { keys: ['Escape'], does: text.keys.none, run: () => setChosen([]) },
  ]);
  useCommands(
    text.title,
    may ? acts.map(({ keys: [key = ''], does, run }) => ({ label: does, key, run })) : [],
  );
  const close = () => setAsked(undefined);
  const done = {
    during: acted.during,
    onClose: close,
    onDone: (what: Parameters<typeof acted.take>[0]) => {
      // Not what was chosen since.
      setChosen((now) => (now === chosen ? [] : now));
      acted.take(what, asked?.what === 'merge' ? asked.groups : [asked?.group]);
    },
  };
  return (
    <>
      {threshold !== undefined && <p className="why-groups hint">{threshold.why}</p>}
      {may && groups.length > 0 && (
        <div className="people-bar">
          <span className="hint">{picked.length > 0 ? text.chosen(picked.length) : text.mergeTwo}</span>
          {(['name', 'merge', 'hide'] as const).map((what) => (
            <button
              key={what}
              type="button"
              className="button small"
              aria-keyshortcuts={what[0]}
              disabled={what === 'merge' ? !mayMerge : !maySubject}
              onClick={() => ask(what)}
            >
              {text[what]} <kbd>{what[0]}</kbd>
            </button>
          ))}
          {picked.length > 0 && (
            <button type="button" className="link" onClick={() => setChosen([])}>
              {text.clear}
            </button>
          )}
        </div>
      )}
      {groups.length > 0 && <NeedsRole least="caseworker" />}
      <DoneBar acted={acted} />
      {error !== undefined && <ErrorMessage error={error} onRetry={reload} />}
      {items === undefined && error === undefined && <Skeleton form="tiles" count={6} />}
      {items?.length === 0 &&
        (batch === '' && show === '' ? (
          <Message title={text.none} text={text.noneText}>
            <a className="button primary" href={href(['upload'])}>
              {strings.images.emptyAction}
            </a>
          </Message>
        ) : (
          <Message title={text.noneOf} text={text.noneOfText} />
        ))}
      {groups.length > 0 && (
        <ul className="group-grid" aria-label={text.grid} onKeyDown={onKeyDown}>
          {groups.map((group, index) => (
            <GroupTile
              key={group.id}
              group={group}
              current={index === current}
              chosen={chosen.includes(group.id)}
              onFocus={() => setCurrent(index)}
              onChoose={() => toggle(group.id)}
            />
          ))}
        </ul>
      )}
      <MoreButton more={more} loadMore={loadMore} />
      {asked?.what === 'name' && <NameDialog group={asked.group} {...done} />}
      {asked?.what === 'hide' && <HideDialog group={asked.group} {...done} />}
      {asked?.what === 'merge' && <MergeDialog groups={asked.groups} {...done} />}
    </>
  );
}

/** Faces that may be of one person, together: to be named, joined and parted by people. */
export function PeopleView({ search }: { search: URLSearchParams }) {
  useTitle(text.title);
  const batch = search.get('batch') ?? '';
  const show = search.get('show') ?? '';
  const prefix = search.get('name') ?? '';
  const hidden = search.get('hidden') === 'true';
  return (
    <div className="view people-view">
      <header>
        <h1>{text.title}</h1>
        <p>{text.intro}</p>
      </header>
      <PeopleFilter search={search} />
      {hidden || prefix !== '' ? (
        <PeopleList prefix={prefix} hidden={hidden} />
      ) : (
        <Groups key={`${batch} ${show}`} batch={batch} show={show} />
      )}
    </div>
  );
}
