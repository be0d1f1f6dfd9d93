import type { People } from '../../people/people.ts';
import type { CommandContext } from '../command.ts';

type Record = Awaited<
  ReturnType<Awaited<ReturnType<CommandContext['connect']>>['results']>
>['audit']['record'];

/** Does a piece of work with who is who, and with what notes it in the audit trail. */
export async function withPeople(
  context: CommandContext,
  work: (people: People, record: Record) => Promise<void>,
): Promise<void> {
  const connection = await context.connect();
  const { audit } = await connection.results();
  await work(await connection.people(), (request) => audit.record(request));
}

export function tell(
  { screen }: CommandContext,
  json: boolean | undefined,
  value: unknown,
  lines: readonly string[],
): void {
  if (json) screen.line(JSON.stringify(value, undefined, 2));
  else for (const line of lines) screen.line(line);
}
