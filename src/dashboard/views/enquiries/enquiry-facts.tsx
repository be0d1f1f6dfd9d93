import type { EnquiryDetail, PersonDetail } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { ago, day } from '../../live/format.ts';
import { href } from '../../live/router.ts';
import { useResource } from '../../live/use-resource.ts';
import { strings } from '../../strings.ts';
import { groupOfPerson } from '../people/name-of.ts';
import { EnquiryStateMark } from './enquiry-state.tsx';

const text = strings.enquiries;

function PersonFact({ title, id }: { title: string; id: string }) {
  const { data: person, error } = useResource<PersonDetail>(routes.person(id));
  // Whose name nobody has read is not called nameless.
  const name = person === undefined ? (error?.message ?? strings.common.loading) : person.fullName;
  return (
    <div>
      <dt>{title}</dt>
      <dd>
        <a href={href(['people', groupOfPerson(person?.keptAs ?? id)])}>
          <bdi>{name ?? strings.people.nameless}</bdi>
        </a>
      </dd>
    </div>
  );
}

/** Who is sought, by whom, why it is lawful, and until when. */
export function EnquiryFacts({ enquiry }: { enquiry: EnquiryDetail }) {
  const { sought, askedBy, purpose, legalBasis, relation, owner, office, expires } = enquiry;
  const facts = [
    [text.relation, relation],
    [text.purpose, purpose],
    [text.legalBasis, legalBasis],
    [text.owner, owner],
    [text.office, office],
    [text.expires, expires && day(expires)],
  ].filter((fact): fact is [string, string] => fact[1] !== null);
  return (
    <>
      <p className="hint">
        <EnquiryStateMark state={enquiry.state} /> {enquiry.minor ? text.minor : text.adult} ·{' '}
        {text.opened(enquiry.openedBy, ago(enquiry.openedAt))}
      </p>
      {enquiry.reason !== null && (
        <p>
          <bdi>{enquiry.reason}</bdi>
        </p>
      )}
      <dl className="batch-terms">
        {sought !== null && <PersonFact title={text.sought} id={sought} />}
        {askedBy !== null && <PersonFact title={text.askedBy} id={askedBy} />}
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}
