import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Answer } from '../http/answer.ts';
import { type Call, DEFAULT_VERSION, headerOf, OWNER, readTarget } from '../http/call.ts';
import { errorAnswer } from '../http/error-body.ts';
import { answerPart, boundaryOf, innerRequest, parseMultipart } from '../http/multipart.ts';
import { invalidInput, StorageError } from '../http/storage-error.ts';

const MOST = 256;

interface BlobBatch {
  /** What a request of the batch may do. */
  readonly permit: (call: Call) => Call['permit'];
  readonly run: (call: Call) => Promise<Answer>;
  /** Of a batch sent to one container: all blobs are in it. */
  readonly container?: string;
}

/** Blob Batch: deletions and changes of tiers, each with a signature, an outcome and an answer of its own. */
export async function runBlobBatch(call: Call, body: Buffer, batch: BlobBatch): Promise<Answer> {
  const parts = parseMultipart(body, boundaryOf(headerOf(call, 'content-type')));
  if (parts.length === 0 || parts.length > MOST) throw invalidInput('A batch has 1 to 256 requests.');
  const boundary = `batchresponse_${randomUUID()}`;
  // All begin at once, so that they share one commit.
  const answers = await Promise.all(
    parts.map(async (part) => {
      const requestId = randomUUID();
      const answer = await one(call, innerRequest(part), requestId, batch);
      const { status, headers = {}, body: text } = answer;
      const shown = {
        ...headers,
        'x-ms-request-id': requestId,
        'x-ms-version': headerOf(call, 'x-ms-version') ?? DEFAULT_VERSION,
      };
      const id = part.headers['content-id'];
      return `Content-Type: application/http\r\n${id === undefined ? '' : `Content-ID: ${id}\r\n`}\r\n${answerPart(
        status,
        STATUS_CODES[status] ?? '',
        shown,
        typeof text === 'string' ? text : '',
      )}`;
    }),
  );
  return {
    status: 202,
    headers: { 'content-type': `multipart/mixed; boundary=${boundary}` },
    body: `${answers.map((answer) => `--${boundary}\r\n${answer}\r\n`).join('')}--${boundary}--\r\n`,
  };
}

async function one(
  outer: Call,
  request: ReturnType<typeof innerRequest>,
  requestId: string,
  { permit, run, container }: BlobBatch,
): Promise<Answer> {
  try {
    const target = readTarget(request.target);
    const call: Call = {
      service: 'blob',
      method: request.method,
      rawHeaders: request.rawHeaders,
      body: request.body,
      headers: { host: outer.headers.host, ...request.headers },
      ...target,
      requestId,
      now: outer.now,
      permit: OWNER,
    };
    const isDelete = call.method === 'DELETE';
    const isTier = call.method === 'PUT' && call.query.get('comp') === 'tier';
    if (!(isDelete || isTier) || !call.rawResource.includes('/')) {
      throw invalidInput('A batch deletes blobs or sets their tiers.');
    }
    if (target.account !== outer.account || (container && !call.rawResource.startsWith(`${container}/`))) {
      throw invalidInput('A request of the batch is for another account or container.');
    }
    call.permit = permit(call);
    return await run(call);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    return errorAnswer(error, 'blob', request.method, requestId, outer.now);
  }
}
