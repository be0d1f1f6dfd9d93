/** Runs one statement in a process of its own: a database that is part of a process cannot be stopped in it. */
import { readSettings } from '../../domain/settings.ts';
import { openResultStore } from '../../results/open.ts';
import { sentenceOf } from '../errors.ts';

/** What the parent sends, and what it is answered. */
export interface Asked {
  query: string;
  who: string;
}
export type Answer = { rows: Record<string, unknown>[] } | { error: { name: string; message: string } };

process.once('message', (asked: Asked) => {
  answer(asked).then(
    (told) => process.send?.(told, () => process.exit(0)),
    (error: unknown) =>
      process.send?.(
        { error: { name: error instanceof Error ? error.name : '', message: sentenceOf(error) } },
        () => process.exit(0),
      ),
  );
});

async function answer({ query, who }: Asked): Promise<Answer> {
  const store = await openResultStore(readSettings(process.env));
  await store.migrate();
  const rows = await store.query(query);
  await store.audit.record({ who, action: 'results.queried', detail: { rows: rows.length } });
  await store.close();
  return { rows };
}
