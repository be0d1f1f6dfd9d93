import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { checkPermission } from '../auth/sas.ts';
import type { Answer } from '../http/answer.ts';
import { type Call, headerOf, readTarget } from '../http/call.ts';
import { errorAnswer } from '../http/error-body.ts';
import {
  answerPart,
  boundaryOf,
  type InnerRequest,
  innerRequest,
  type MultipartPart,
  parseMultipart,
} from '../http/multipart.ts';
import { invalidInput, StorageError } from '../http/storage-error.ts';
import { differentPartitions, duplicateRow } from './errors.ts';
import { tableMethodOf } from './target.ts';

const MOST = 100;

/** What a batch needs of the service: the one operation that a request is, with the keys it is about. */
export interface BatchRunner {
  keysOf(call: Call, body: Buffer): { table: string; pk: string; rk: string };
  change(call: Call, body: Buffer): Answer;
  query(call: Call): Answer;
  /** All or nothing. */
  write<T>(work: () => T): Promise<T>;
  read<T>(work: () => T): Promise<T>;
}

/** Entity Group Transaction: one changeset, all of it or nothing, or one query. */
export async function runBatch(call: Call, body: Buffer, runner: BatchRunner): Promise<Answer> {
  const parts = parseMultipart(body, boundaryOf(headerOf(call, 'content-type')));
  const [first, ...more] = parts;
  if (!first || more.length > 0) throw invalidInput('A batch has one changeset, or one query.');
  const isChangeset = /^multipart\/mixed/i.test(first.headers['content-type'] ?? '');
  const boundary = `batchresponse_${randomUUID()}`;
  const inner = isChangeset
    ? await changeset(call, first, runner)
    : httpPart(await single(call, innerRequest(first), runner));
  return {
    status: 202,
    headers: { 'content-type': `multipart/mixed; boundary=${boundary}`, 'cache-control': 'no-cache' },
    body: `--${boundary}\r\n${inner}\r\n--${boundary}--\r\n`,
  };
}

async function single(call: Call, request: InnerRequest, runner: BatchRunner): Promise<Answer> {
  if (request.method !== 'GET') throw invalidInput('Changes of a batch stand in a changeset.');
  try {
    return await runner.read(() => runner.query(innerCall(call, request)));
  } catch (error) {
    return refusal(call, error, '');
  }
}

async function changeset(call: Call, part: MultipartPart, runner: BatchRunner): Promise<string> {
  const requests = parseMultipart(part.body, boundaryOf(part.headers['content-type'])).map((inner) => ({
    id: inner.headers['content-id'] ?? innerRequest(inner).headers['content-id'],
    request: innerRequest(inner),
  }));
  if (requests.length === 0 || requests.length > MOST)
    throw invalidInput('A changeset has 1 to 100 changes.');
  const boundary = `changesetresponse_${randomUUID()}`;
  let at = 0;
  try {
    const answers = await runner.write(() => {
      const rows = new Set<string>();
      let group: string | undefined;
      return requests.map(({ request, id }, index) => {
        at = index;
        const own = innerCall(call, request);
        const { table, pk, rk } = runner.keysOf(own, request.body);
        const mine = `${table.toLowerCase()}\0${pk}`;
        group ??= mine;
        if (group !== mine) throw differentPartitions();
        if (rows.has(rk)) throw duplicateRow();
        rows.add(rk);
        return httpPart(runner.change(own, request.body), id);
      });
    });
    const body = answers.map((answer) => `--${boundary}\r\n${answer}\r\n`).join('');
    return `Content-Type: multipart/mixed; boundary=${boundary}\r\n\r\n${body}--${boundary}--\r\n`;
  } catch (error) {
    const answer = httpPart(refusal(call, error, `${at}:`), requests[at]?.id);
    return `Content-Type: multipart/mixed; boundary=${boundary}\r\n\r\n--${boundary}\r\n${answer}\r\n--${boundary}--\r\n`;
  }
}

/** The one that failed, by its place. What is no answer of the service is passed on. */
function refusal(call: Call, error: unknown, prefix: string): Answer {
  if (!(error instanceof StorageError) || error.status === 507) throw error;
  const named = new StorageError(error.status, error.code, `${prefix}${error.message}`, error.details);
  return errorAnswer(named, 'table', 'POST', call.requestId, call.now);
}

function innerCall(outer: Call, request: InnerRequest): Call {
  const target = readTarget(request.target);
  if (target.account !== outer.account) throw invalidInput('A part of the batch is of another account.');
  const call = {
    ...outer,
    ...target,
    method: tableMethodOf(request),
    headers: { host: outer.headers.host, ...request.headers },
    rawHeaders: request.rawHeaders,
    body: request.body,
  };
  checkPermission(call);
  return call;
}

function httpPart({ status, headers = {}, body }: Answer, contentId?: string): string {
  const shown = {
    ...(contentId !== undefined && { 'Content-ID': contentId }),
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-cache',
    DataServiceVersion: '3.0;',
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [title(name), value])),
  };
  const text = typeof body === 'string' ? body : '';
  return `Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n${answerPart(
    status,
    STATUS_CODES[status] ?? '',
    shown,
    text,
  )}`;
}

const title = (name: string): string =>
  name === 'etag'
    ? 'ETag'
    : name === 'dataserviceid'
      ? 'DataServiceId'
      : name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
