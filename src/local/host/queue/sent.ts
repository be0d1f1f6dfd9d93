import { channel } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';

/** Node's own channel: told of every answer that this process has got over HTTP. Source: Node's `diagnostics_channel`. */
const answers = channel('http.client.response.finish');

/** Address of a queue's messages, as its requests have it, with a listener for each. */
const listeners = new Map<string, Set<() => void>>();

function onAnswer(message: unknown): void {
  const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
  if (request.method !== 'POST' || response.statusCode !== 201) return;
  const [path = '', query = ''] = request.path.split('?');
  // One that is delayed is found by polling, in its time.
  if (Number(new URLSearchParams(query).get('visibilitytimeout')) > 0) return;
  for (const listener of listeners.get(`${request.getHeader('host')}${path}`) ?? []) listener();
}

/**
 * Calls `listener` whenever this process has sent a message to a queue that can be received at once: whoever reads the
 * queue need not wait for its next poll. What others send is not seen here, nor what goes to the queue under another
 * name of its host.
 *
 * @param queueUrl as the queue's client has it
 * @returns ends it; safe to repeat
 */
export function onSent(queueUrl: string, listener: () => void): () => void {
  const { host, pathname } = new URL(queueUrl);
  const key = `${host}${pathname}/messages`;
  if (listeners.size === 0) answers.subscribe(onAnswer);
  const all = listeners.get(key) ?? new Set();
  listeners.set(key, all.add(listener));
  return () => {
    if (!all.delete(listener)) return;
    if (all.size === 0) listeners.delete(key);
    if (listeners.size === 0) answers.unsubscribe(onAnswer);
  };
}
