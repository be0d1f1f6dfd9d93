/**
 * Carries a switch of models through, wherever it stands, and ends: `switch-main.ts --to <model> --end finish|abandon --since <changes>`.
 * It is what the timer does with those who start, finish and give up, in one process; `--statement <n> --when before|after` has it
 * die, as by SIGKILL, at its n-th statement to the database. Prints how many there were.
 */
import { parseArgs } from 'node:util';
import { goOnWithSwitch, startSwitch } from '../../../src/admin/switch-model.ts';
import { openApp } from '../../../src/app.ts';
import type { Database, Session } from '../../../src/database/database.ts';
import { sql } from '../../../src/database/sql.ts';
import { silentLog } from '../../../src/domain/ports.ts';

const { values } = parseArgs({
  options: {
    to: { type: 'string', default: '' },
    end: { type: 'string', default: 'finish' },
    since: { type: 'string', default: '0' },
    statement: { type: 'string', default: '0' },
    when: { type: 'string', default: 'before' },
  },
});

let statements = 0;
async function counted<T>(work: () => Promise<T>): Promise<T> {
  statements += 1;
  const dies = statements === Number(values.statement);
  if (dies && values.when === 'before') process.kill(process.pid, 'SIGKILL');
  const answer = await work();
  if (dies) process.kill(process.pid, 'SIGKILL');
  return answer;
}

/** Every request of statements is counted, and each commit. */
function countAt(database: Database): void {
  const [read, write] = [database.read.bind(database), database.write.bind(database)];
  database.read = (some) => counted(() => read(some));
  database.write = (work) =>
    counted(() =>
      write((session: Session) =>
        work({
          read: (some) => counted(() => session.read(some)),
          run: (some) => counted(() => session.run(some)),
          runEach: (some) => counted(() => session.runEach(some)),
        }),
      ),
    );
}

const app = await openApp(process.env);
const { database } = await app.results();
countAt(database);
const parts = await app.models();
const changesOf = async () => {
  const [[row] = []] = await database.read([sql`SELECT changes FROM recognition WHERE id = 1`]);
  return Number(row?.changes);
};
const never = new AbortController().signal;

for (;;) {
  const { phase, active } = await parts.models.state();
  if (phase === 'steady') {
    // Given up and through, or finished.
    if (active === values.to || (await changesOf()) > Number(values.since)) break;
    await startSwitch('ann', values.to, parts);
  }
  // Whoever gives a switch up does so in the middle of it.
  let images = 0;
  await parts.proceed(silentLog, never, () => values.end === 'abandon' && ++images > 2, 0);
  if ((await parts.models.state()).phase !== 'enrolling') continue;
  const { left } = await parts.list.progress();
  if (values.end === 'abandon') await goOnWithSwitch('ann', 'abandon', parts);
  else if (left === 0) await goOnWithSwitch('ann', 'finish', parts);
}
console.log(`statements: ${statements}`);
process.exit(0);
