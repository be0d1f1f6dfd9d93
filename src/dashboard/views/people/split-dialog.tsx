import { useId, useState } from 'react';
import type { GroupDetail, GroupFaceView, PersonPage } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { query } from '../../live/client.ts';
import { useResource } from '../../live/use-resource.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { FaceCrop } from '../../parts/face-crop.tsx';
import { photographName } from '../../parts/photograph-name.ts';
import { strings } from '../../strings.ts';
import { splitFaces } from './acts.ts';
import type { GroupDialogProps } from './group-dialogs.tsx';
import { personLabels } from './person-label.ts';

const text = strings.people;

interface SplitDialogProps extends GroupDialogProps {
  group: GroupDetail;
  faces: readonly GroupFaceView[];
}

/** Takes exactly the faces that are shown out of their group, as nobody's yet or as those of a person. */
export function SplitDialog({ group, faces, during, ...rest }: SplitDialogProps) {
  const id = useId();
  const [to, setTo] = useState('');
  const [prefix, setPrefix] = useState('');
  const people = useResource<PersonPage>(`${routes.people}${query({ prefix: prefix.trim(), limit: 100 })}`);
  const many = prefix !== '' || people.data?.next != null;
  return (
    <AskDialog
      title={text.splitTitle(faces.length)}
      go={text.splitNow}
      field={{ label: text.reason, value: '', required: false, most: 2000 }}
      does={(reason) =>
        during(
          splitFaces(
            group,
            faces.map(({ face }) => face),
            { ...(to !== '' && { person: to }), ...(reason !== '' && { reason }) },
          ),
        )
      }
      {...rest}
    >
      <figure className="asked-group">
        <div>
          {faces.map((place) => (
            <FaceCrop key={place.face} face={place.face} alt={text.faceIn(photographName(place))} />
          ))}
        </div>
      </figure>
      <p>{text.splitSays}</p>
      {many && (
        <div className="field">
          <label htmlFor={`${id}-prefix`}>{text.search}</label>
          <input
            id={`${id}-prefix`}
            type="search"
            value={prefix}
            onChange={({ target }) => {
              setPrefix(target.value);
              // Of people that are no longer in the list none stays chosen unseen.
              setTo('');
            }}
          />
        </div>
      )}
      <div className="field">
        <label htmlFor={id}>{text.splitTo}</label>
        <select id={id} value={to} onChange={({ target }) => setTo(target.value)}>
          <option value="">{text.splitNobody}</option>
          {personLabels(people.data?.people ?? []).map(({ id: person, label }) => (
            <option key={person} value={person}>
              {label}
            </option>
          ))}
        </select>
      </div>
    </AskDialog>
  );
}
