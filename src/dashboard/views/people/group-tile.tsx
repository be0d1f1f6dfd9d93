import { href } from '../../live/router.ts';
import { FaceCrop } from '../../parts/face-crop.tsx';
import { strings } from '../../strings.ts';
import type { ShownGroup } from './group-dialogs.tsx';
import { nameOf } from './name-of.ts';

const text = strings.people;

interface GroupTileProps {
  group: ShownGroup;
  current: boolean;
  chosen: boolean;
  onFocus(): void;
  onChoose(): void;
}

/** One group: some of its faces, whose they may be, and how much of that people have said. */
export function GroupTile({ group, current, chosen, onFocus, onChoose }: GroupTileProps) {
  const name = nameOf(group);
  const others = group.some.filter(({ face }) => face !== group.lead).slice(0, 5);
  return (
    <li className="group-tile" data-chosen={chosen || undefined} onFocus={onFocus}>
      <a data-cell href={href(['people', group.id])} tabIndex={current ? 0 : -1}>
        <span className="group-faces">
          <FaceCrop face={group.lead} alt="" />
          {others.map(({ face }) => (
            <FaceCrop key={face} face={face} alt="" />
          ))}
        </span>
        <span className="group-name" data-nobody={group.person === null || undefined}>
          <bdi>{name}</bdi>
        </span>
        <span className="hint">
          {text.faces(group.faces)}, {text.decided(group.decided, group.faces)}
        </span>
        {group.contested && (
          <span className="status-mark" data-standing="contested" title={text.contestedMeans}>
            {text.contested}
          </span>
        )}
      </a>
      <input
        type="checkbox"
        checked={chosen}
        tabIndex={current ? 0 : -1}
        aria-label={text.choose(text.group(name, group.faces))}
        onChange={onChoose}
      />
    </li>
  );
}
