/** A response of this status, from the service or from what stands before it. */
export const response = (status: number, isService = true) => ({
  status,
  headers: { get: (name: string) => (isService && name === 'x-ms-request-id' ? 'id' : undefined) },
});
export const failure = (status: number, more: object = {}, isService = true) =>
  Object.assign(new Error(`HTTP ${status}`), {
    statusCode: status,
    response: response(status, isService),
    ...more,
  });

type Answer = unknown | ((...args: unknown[]) => unknown);
/** An SDK's client, whatever is opened of it: answers by method, those that are errors are thrown. */
export function sdk(answers: Record<string, Answer>) {
  const calls: { method: string; args: unknown[] }[] = [];
  const client: unknown = new Proxy(
    {},
    {
      get: (_, method: string) => {
        if (method === 'then') return undefined;
        if (/^get\w*Client$/.test(method)) return () => client;
        return (...args: unknown[]) => {
          calls.push({ method, args });
          const answer = answers[method];
          const said = typeof answer === 'function' ? answer(...args) : answer;
          if (/^list/.test(method)) return { byPage: (range: unknown) => pages(said, range) };
          return said instanceof Error ? Promise.reject(said) : Promise.resolve(said);
        };
      },
    },
  );
  const pages = (said: unknown, range: unknown) => {
    calls.push({ method: 'byPage', args: [range] });
    return {
      next: async () => {
        if (said instanceof Error) throw said;
        return { value: said };
      },
    };
  };
  const methods = () => calls.map(({ method }) => method);
  return { client: client as never, calls, methods };
}
