/**
 * The address from which Azure SQL saw a client whom its firewall refused (error 40615), which the message itself
 * names: nobody else has to be asked for it. Undefined where the error is another one.
 */
export function refusedAddress(error: unknown): string | undefined {
  const { number, code, message } = Object(error) as { number?: unknown; code?: unknown; message?: unknown };
  const text = String(message ?? '');
  if (number !== 40615 && code !== 40615 && !/is not allowed to access the server/i.test(text))
    return undefined;
  return /IP address '(\d{1,3}(?:\.\d{1,3}){3})'/i.exec(text)?.[1];
}
