import type { PersonView } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { query, send } from '../../live/client.ts';
import { useMay } from '../../live/me.ts';
import { notify } from '../../live/notices.ts';
import { href } from '../../live/router.ts';
import { useAct } from '../../live/use-act.ts';
import { usePages } from '../../live/use-pages.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { Message } from '../../parts/message.tsx';
import { MoreButton } from '../../parts/more-button.tsx';
import { Skeleton } from '../../parts/skeleton.tsx';
import { strings } from '../../strings.ts';
import { groupOfPerson } from './name-of.ts';

const text = strings.people;

interface PeopleListProps {
  prefix: string;
  hidden: boolean;
}

/** Persons by name, or those that are hidden. */
export function PeopleList({ prefix, hidden }: PeopleListProps) {
  const may = useMay('caseworker');
  const { items, more, error, loadMore, reload } = usePages<PersonView>(
    (after) => `${routes.people}${query({ prefix, hidden: hidden ? 'true' : undefined, limit: 50, after })}`,
    'people',
    '',
  );
  const { busy, act } = useAct(items, reload);
  const show = (id: string) =>
    void act(() => send('PUT', routes.person(id), { hidden: false }), { done: () => notify(text.shown) });
  return (
    <>
      {error !== undefined && <ErrorMessage error={error} onRetry={reload} />}
      {items === undefined && error === undefined && <Skeleton form="lines" count={4} />}
      {items?.length === 0 && (
        <Message
          title={prefix === '' ? text.nobodyHidden : text.nobody}
          text={prefix === '' ? text.nobodyHiddenText : text.nobodyText}
        />
      )}
      <ul className="persons">
        {items?.map(({ id, fullName, dateOfBirth, minor }) => (
          <li key={id}>
            <a href={href(['people', groupOfPerson(id)])}>
              <bdi>{fullName ?? text.nameless}</bdi>
            </a>
            <span className="hint">
              {[dateOfBirth !== null && text.born(dateOfBirth), minor === true && text.minor]
                .filter((part) => part !== false)
                .join(', ')}
            </span>
            {hidden && may && (
              <button type="button" className="button small" disabled={busy} onClick={() => show(id)}>
                {text.unhide}
              </button>
            )}
          </li>
        ))}
      </ul>
      <MoreButton more={more} loadMore={loadMore} />
    </>
  );
}
