import type { OutboxEvent } from '../results/outbox.ts';

/** Of everything this app tells. The instance is told from others by where its events arrive. */
const EVENT_SOURCE = '/imaginem';

/** A CloudEvent 1.0 in its JSON form: ids only, no personal data. */
export interface CloudEvent {
  readonly specversion: '1.0';
  /** The same each time the event is sent: by it a receiver knows what it has had. */
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  /** ISO 8601, UTC: when it happened, not when it was sent. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: { readonly enquiry: string; readonly candidate: string };
}

export const toCloudEvent = ({ id, type, enquiry, candidate, at }: OutboxEvent): CloudEvent => ({
  specversion: '1.0',
  id,
  source: EVENT_SOURCE,
  type: `imaginem.candidate.${type}`,
  subject: `enquiries/${enquiry}/candidates/${candidate}`,
  time: at,
  datacontenttype: 'application/json',
  data: { enquiry, candidate },
});
