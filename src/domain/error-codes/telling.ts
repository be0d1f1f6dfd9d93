import { code } from './code.ts';

/** Why an alert is not taken by whoever it is for. */
export const tellingCodes = {
  WebhookUnavailable: code(
    'telling',
    'The receiver of the alerts cannot be reached, or did not answer within 15 seconds.',
    'Correct WEBHOOK_URL, or wait; "imaginem outbox again <id>" sends at once.',
  ),
  WebhookFailed: code(
    'telling',
    'The receiver of the alerts answered with an error, or with a redirect, which is not followed.',
    'Look into the log of the receiver; its address must be the last one, not one that leads on.',
  ),
  WebhookRateLimited: code(
    'telling',
    'The receiver of the alerts asks for fewer events.',
    'Nothing to do: they wait as long as it asks for.',
  ),
  WebhookRefused: code(
    'telling',
    'The host of WEBHOOK_URL has an address of a private network.',
    'Correct WEBHOOK_URL, or set WEBHOOK_PRIVATE_ADDRESSES to on where that is meant.',
  ),
  WebhookGone: code(
    'telling',
    'The receiver of the alerts says that it is gone for good (HTTP 410): the event is a dead letter at once.',
    'Correct WEBHOOK_URL, then run "imaginem outbox again --dead".',
  ),
  TopicRateLimited: code(
    'telling',
    'The Event Grid topic asks for fewer events.',
    'Nothing to do: they wait as long as it asks for.',
  ),
  TopicFailed: code(
    'telling',
    'The Event Grid topic cannot be reached, or did not take the event.',
    'The message says why; the app needs the role "EventGrid Data Sender" on the topic.',
  ),
};
