import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';

/** Why the parser of HTTP gave up: status line, and the service's code. */
const REASONS: Readonly<Record<string, readonly [status: string, code: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'RequestHeadersTooLarge'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'OperationTimedOut'],
};

/**
 * Answers what is no HTTP, or has a head beyond 16 KiB, with the headers of the service's errors, and hangs up. Without
 * a body: to a HEAD, which this may be, there is none.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code] = REASONS[error.code ?? ''] ?? ['400 Bad Request', 'InvalidInput'];
  socket.end(
    [
      `HTTP/1.1 ${status}`,
      `x-ms-request-id: ${randomUUID()}`,
      `x-ms-error-code: ${code}`,
      'Content-Length: 0',
      'Connection: close\r\n\r\n',
    ].join('\r\n'),
  );
}
