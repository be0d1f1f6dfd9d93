import type { Answer } from '../http/answer.ts';
import { readBody } from '../http/body.ts';
import { type Call, decode } from '../http/call.ts';
import { aclAnswer, readAcl, ServiceProperties, serviceStats } from '../http/service-calls.ts';
import { invalidUri, notImplemented, unsupportedVerb } from '../http/storage-error.ts';
import type { State } from '../state/state.ts';
import { queueNotFound } from './errors.ts';
import {
  deleteMessage,
  getMessages,
  MESSAGE_BODY_LIMIT,
  peekMessages,
  putMessage,
  updateMessage,
} from './message-calls.ts';
import type { Messages } from './messages.ts';
import { createQueue, listQueues, queueProperties, setQueueMetadata } from './queue-calls.ts';
import { type QueueRow, Queues } from './queues.ts';

const PROPERTIES_LIMIT = 64 * 1024;

/** The Queue service: which operation a request is. */
export function queueService(state: State, messages: Messages): (call: Call) => Promise<Answer> {
  const { group } = state;
  const queues = new Queues(state);
  const properties = new ServiceProperties(state);

  const existing = ({ account }: Call, name: string): QueueRow => {
    const queue = queues.find(account, name);
    if (!queue) throw queueNotFound();
    return queue;
  };

  const onService = async (call: Call): Promise<Answer> => {
    const { method, query } = call;
    const comp = query.get('comp');
    if (comp === 'list' && method === 'GET') {
      return group.read(() => listQueues(call, queues, `http://${call.headers.host}`));
    }
    if (query.get('restype') !== 'service') throw invalidUri();
    if (comp === 'stats' && method === 'GET') return serviceStats();
    if (comp !== 'properties') throw invalidUri();
    if (method === 'GET') return group.read(() => properties.get(call));
    if (method !== 'PUT') throw unsupportedVerb();
    const body = await readBody(call, PROPERTIES_LIMIT);
    return group.write(() => properties.set(call, body));
  };

  const onQueue = async (call: Call, name: string): Promise<Answer> => {
    const { method, query } = call;
    const reads = method === 'GET' || method === 'HEAD';
    switch (query.get('comp')) {
      case undefined:
        if (method === 'PUT') return group.write(() => createQueue(call, name, queues));
        if (method !== 'DELETE') throw unsupportedVerb();
        return group.write(() => {
          const queue = existing(call, name);
          queues.remove(queue);
          messages.forget(queue.number);
          return { status: 204 };
        });
      case 'metadata':
        if (reads) return group.read(() => queueProperties(existing(call, name), messages));
        if (method !== 'PUT') throw unsupportedVerb();
        return group.write(() => setQueueMetadata(call, existing(call, name), queues));
      case 'acl': {
        if (reads) return group.read(() => aclAnswer(existing(call, name).acl));
        if (method !== 'PUT') throw unsupportedVerb();
        const body = await readBody(call, PROPERTIES_LIMIT);
        return group.write(() => {
          queues.setAcl(existing(call, name), readAcl(body));
          return { status: 204 };
        });
      }
      default:
        throw notImplemented('This operation of queues is');
    }
  };

  const onMessages = async (call: Call, name: string): Promise<Answer> => {
    switch (call.method) {
      case 'POST': {
        const body = await readBody(call, MESSAGE_BODY_LIMIT);
        return group.write(() => putMessage(call, body, existing(call, name).number, messages));
      }
      case 'GET':
        return call.query.get('peekonly')?.toLowerCase() === 'true'
          ? group.read(() => peekMessages(call, existing(call, name).number, messages))
          : group.write(() => getMessages(call, existing(call, name).number, messages));
      case 'DELETE':
        return group.write(() => {
          const queue = existing(call, name);
          queues.clear(queue);
          messages.forget(queue.number);
          return { status: 204 };
        });
      default:
        throw unsupportedVerb();
    }
  };

  const onMessage = async (call: Call, name: string, rawId: string): Promise<Answer> => {
    if (call.method === 'DELETE') {
      return group.write(() => deleteMessage(call, rawId, existing(call, name).number, messages));
    }
    if (call.method !== 'PUT') throw unsupportedVerb();
    const body = await readBody(call, MESSAGE_BODY_LIMIT);
    return group.write(() => updateMessage(call, body, rawId, existing(call, name).number, messages));
  };

  return async (call) => {
    const [rawName = '', below, rawId, ...more] = call.rawResource.split('/');
    if (more.length > 0) throw invalidUri();
    if (rawName === '') return onService(call);
    const name = decode(rawName);
    if (below === undefined) return onQueue(call, name);
    if (below !== 'messages') throw invalidUri();
    return rawId === undefined ? onMessages(call, name) : onMessage(call, name, rawId);
  };
}
