import type { GroupFaceView, GroupView } from '../../../api/contract.ts';
import { useNewId } from '../../live/use-new-id.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { FaceCrop } from '../../parts/face-crop.tsx';
import { photographName } from '../../parts/photograph-name.ts';
import { strings } from '../../strings.ts';
import { type Done, hideGroup, mergeGroups, nameGroup } from './acts.ts';
import { nameOf } from './name-of.ts';

const text = strings.people;

export type ShownGroup = GroupView & { some: readonly GroupFaceView[] };

export interface GroupDialogProps {
  /** Told of what is under way, which goes on where the form is closed. */
  during(work: Promise<Done>): Promise<Done>;
  onDone(done: Done): void;
  onClose(): void;
}

/** The face that an act is about, and those beside it. */
function Faces({ group }: { group: ShownGroup }) {
  return (
    <figure className="asked-group">
      <div>
        <FaceCrop face={group.lead} alt={nameOf(group)} />
        {group.some
          .filter(({ face }) => face !== group.lead)
          .slice(0, 4)
          .map((place) => (
            <FaceCrop key={place.face} face={place.face} alt={text.faceIn(photographName(place))} />
          ))}
      </div>
      <figcaption>
        <bdi>{nameOf(group)}</bdi>{' '}
        <span className="hint">
          {text.faces(group.faces)}, {text.decided(group.decided, group.faces)}
        </span>
      </figcaption>
    </figure>
  );
}

export function NameDialog({ group, during, ...rest }: GroupDialogProps & { group: ShownGroup }) {
  const newId = useNewId();
  return (
    <AskDialog
      title={group.person === null ? text.nameIt : text.rename}
      go={text.save}
      field={{ label: text.name, value: group.person?.fullName ?? '', required: true, most: 400 }}
      does={(name) => during(nameGroup(group, name, newId.of()))}
      {...rest}
    >
      <Faces group={group} />
      <p className="hint">
        {group.faces > 1 && `${text.nameOf(group.faces)} `}
        {text.nameHint}
      </p>
    </AskDialog>
  );
}

export function HideDialog({ group, during, ...rest }: GroupDialogProps & { group: ShownGroup }) {
  const newId = useNewId();
  return (
    <AskDialog
      title={text.hideTitle}
      go={text.hide}
      does={() => during(hideGroup(group, newId.of()))}
      {...rest}
    >
      <Faces group={group} />
      <p>{text.hideSays}</p>
      {group.person === null && <p className="hint">{text.hideMakes}</p>}
    </AskDialog>
  );
}

export function MergeDialog({
  groups: [one, two],
  during,
  ...rest
}: GroupDialogProps & { groups: readonly [ShownGroup, ShownGroup] }) {
  // Where only one has a name, it is the one that stays.
  const [stays, goes] = one.person === null && two.person !== null ? [two, one] : [one, two];
  return (
    <AskDialog
      title={text.mergeTitle}
      go={text.mergeNow}
      field={{ label: text.reason, value: '', required: false, most: 2000 }}
      does={(reason) => during(mergeGroups(stays, goes, reason))}
      {...rest}
    >
      <div className="asked-groups">
        <Faces group={stays} />
        <Faces group={goes} />
      </div>
      <p>{text.mergeSays}</p>
      {goes.person !== null && <p>{text.mergeNames(nameOf(goes), nameOf(stays))}</p>}
      <p className="hint">{text.mergeGuess}</p>
    </AskDialog>
  );
}
