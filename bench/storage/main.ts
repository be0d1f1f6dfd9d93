/**
 * `npm run bench:storage -- [--count 10000] [--alone] [--million] [--hops 300] [--turns 5]`: our storage service and Azurite
 * side by side, turn by turn in one run. `--alone` fills our service directly and measures it alone; `--million` does so
 * with a million blobs and a million journal rows (some 9 GB), which Azurite cannot hold.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ContainerSASPermissions } from '@azure/storage-blob';
import { isMet, type Report, render } from '../report.ts';
import { pairedRatios, quantile, spread } from '../stats.ts';
import { fillByApi, fillDirectly, nameOf, partitionOf } from './fill.ts';
import { bareHop, hop, type Turn, turn } from './hop.ts';
import { type Server, startAzuriteServer, startOurs } from './server.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    alone: { type: 'boolean', default: false },
    million: { type: 'boolean', default: false },
    hops: { type: 'string', default: '300' },
    turns: { type: 'string', default: '5' },
    folder: { type: 'string', default: tmpdir() },
  },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const say = (words: string) => process.stderr.write(`${words}\n`);
const folder = await mkdtemp(join(values.folder, 'imaginem-bench-storage-'));
const count = values.million ? 1_000_000 : Number(values.count);

const WAYS = [
  { name: 'through the SDKs', work: hop, lanes: [1, 8] },
  { name: 'bare', work: bareHop, lanes: [8] },
];

async function compare(servers: readonly Server[]): Promise<Report> {
  const [azurite, ours] = servers;
  const rows: (string | number)[][] = [];
  const ratios = new Map<string, number>();
  for (const { name, work, lanes } of WAYS.flatMap((way) =>
    way.lanes.map((count) => ({ ...way, lanes: count })),
  )) {
    const way = `${lanes} ${lanes === 1 ? 'lane' : 'lanes'}, ${name}`;
    const turns = new Map<Server, Turn[]>(servers.map((server) => [server, []]));
    for (const server of servers) await turn(server, lanes, 40, work);
    for (let index = 0; index < Number(values.turns); index += 1) {
      for (const server of index % 2 ? [...servers].reverse() : servers) {
        turns.get(server)?.push(await turn(server, lanes, Number(values.hops), work));
      }
      say(`${way}, turn ${index + 1}`);
    }
    const of = (server: Server | undefined, what: keyof Turn) =>
      (server ? (turns.get(server) ?? []) : []).map((one) => one[what]);
    for (const server of servers) {
      rows.push([
        ...[`${server.name}, ${way}`, spread(of(server, 'msPerHop')).median],
        ...[spread(of(server, 'cpuMsPerHop')).median, server.peakMb()],
      ]);
    }
    for (const what of ['msPerHop', 'cpuMsPerHop'] as const) {
      ratios.set(`${what}, ${way}`, spread(pairedRatios(of(ours, what), of(azurite, what))).median);
    }
  }
  const aim = (what: 'time' | 'processor', way: string, limit: number) => ({
    text: `${what}, ${way}`,
    measured: ratios.get(`${what === 'time' ? 'msPerHop' : 'cpuMsPerHop'}, ${way}`) ?? Number.NaN,
    limit,
    unit: 'x',
    sense: 'at most' as const,
  });
  return {
    part: 'hop, ours over Azurite',
    aims: [
      aim('time', '1 lane, through the SDKs', 1),
      aim('time', '8 lanes, through the SDKs', 1 / 2),
      aim('time', '8 lanes, bare', 1 / 2),
      aim('processor', '1 lane, through the SDKs', 1 / 3),
      aim('processor', '8 lanes, through the SDKs', 1 / 3),
      aim('processor', '8 lanes, bare', 1 / 3),
    ],
    tables: [{ title: 'One hop', columns: ['', 'ms', 'processor ms', 'peak MB'], rows }],
    notes: [
      'Send, receive, insert, merge, put and get 20 kB, delete. Time includes the client, which shares the machine: through the SDKs it takes more of it than the service.',
    ],
  };
}

/** What so many calls took: milliseconds of each, and of the service's processor on the average. */
interface Calls {
  readonly times: readonly number[];
  readonly cpuMs: number;
}

async function measured(server: Server, calls: () => Promise<readonly number[]>): Promise<Calls> {
  const before = server.cpuSeconds();
  const all = await calls();
  return { times: all, cpuMs: (1000 * (server.cpuSeconds() - before)) / all.length };
}

/** @returns milliseconds of each of so many calls */
async function times(repetitions: number, work: (index: number) => Promise<unknown>): Promise<number[]> {
  const measured: number[] = [];
  for (let index = 0; index < repetitions; index += 1) {
    const started = performance.now();
    await work(index);
    measured.push(performance.now() - started);
  }
  return measured;
}

async function filled(server: Server): Promise<Report> {
  const somewhere = (index: number) => Math.floor(((index * 7919) % 1000) * (count / 1000));
  const page = await measured(server, () =>
    times(60, async (index) => {
      const marker = nameOf(somewhere(index)).slice(0, -2);
      await server.container.listBlobsFlat({ prefix: marker }).byPage({ maxPageSize: 100 }).next();
    }),
  );
  // What the service itself takes: the SDK's reading of the XML is most of the above.
  const signed = await server.container.generateSasUrl({
    permissions: ContainerSASPermissions.parse('l'),
    expiresOn: new Date(Date.now() + 3_600_000),
  });
  const bare = (size: number) =>
    times(60, async (index) => {
      const prefix = encodeURIComponent(nameOf(somewhere(index)).slice(0, -Math.log10(size)));
      const answer = await fetch(`${signed}&restype=container&comp=list&maxresults=${size}&prefix=${prefix}`);
      const blobs = (await answer.text()).split('<Blob>').length - 1;
      if (blobs !== Math.min(size, count))
        throw new Error(`${blobs} blobs for a page of ${size}: HTTP ${answer.status}`);
    });
  const hundred = await measured(server, () => bare(100));
  const thousand = await measured(server, () => bare(1000));
  const queried = await measured(server, () =>
    times(200, async (index) => {
      const filter = `PartitionKey eq '${partitionOf(somewhere(index))}'`;
      await server.table.listEntities({ queryOptions: { filter } }).byPage({ maxPageSize: 10 }).next();
    }),
  );
  const lane = (name: number) =>
    times(400, (index) =>
      server.table.createEntity({
        partitionKey: `write-${name}`,
        rowKey: `${index}`,
        first: 'w'.repeat(7000),
      }),
    );
  const writes = await measured(server, async () =>
    (await Promise.all(Array.from({ length: 8 }, (_, name) => lane(name)))).flat(),
  );
  const row = (name: string, { times: all, cpuMs }: Calls) => [
    ...[name, quantile(all, 0.5), quantile(all, 0.99), Math.max(...all), cpuMs],
  ];
  const aim = (text: string, measured: number, limit: number, unit = ' ms') => ({
    text,
    measured,
    limit,
    unit,
    sense: 'at most' as const,
  });
  return {
    part: `${server.name} with ${count} blobs and ${count} journal rows of 7 kB`,
    aims: [
      aim('write of 7 kB, eight lanes, p99.9', quantile(writes.times, 0.999), 50),
      aim('page of a listing, median', quantile(hundred.times, 0.5), 10),
      aim('query by key, median', quantile(queried.times, 0.5), 10),
      aim('memory, peak', server.peakMb(), 120, ' MB'),
      aim('start', server.startMs, 1000),
    ],
    tables: [
      {
        title: 'ms',
        columns: ['', 'median', 'p99', 'longest', 'processor of the service'],
        rows: [
          row('page of 100', hundred),
          row('page of 1000', thousand),
          row('page of 100, read by the SDK', page),
          row('query by key', queried),
          row('write of 7 kB, 8 lanes', writes),
        ],
      },
    ],
    notes: [
      'Times include the client, in JavaScript, on the same machine. The start is measured with the data there.',
    ],
  };
}

const reports: Report[] = [];
const show = (report: Report) => {
  reports.push(report);
  console.log(render(report));
};
try {
  if (!values.million && !values.alone) {
    const servers = [
      await startAzuriteServer(join(folder, 'azurite')),
      await startOurs(join(folder, 'ours')),
    ];
    show(await compare(servers));
    for (const server of servers) {
      say(`filling ${server.name}`);
      await fillByApi(server, count);
    }
    for (const server of servers) await server.stop();
    for (const start of [startAzuriteServer, startOurs]) {
      const again = await start(join(folder, start === startOurs ? 'ours' : 'azurite'));
      show(await filled(again));
      await again.stop();
    }
  } else {
    const empty = await startOurs(join(folder, 'ours'));
    await empty.stop();
    const started = performance.now();
    await fillDirectly(join(folder, 'ours'), count, say);
    say(`filled in ${Math.round((performance.now() - started) / 1000)} s`);
    const server = await startOurs(join(folder, 'ours'));
    show(await filled(server));
    await server.stop();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
const missed = reports
  .filter(({ part }) => !part.startsWith('Azurite'))
  .flatMap(({ aims }) => aims.filter((aim) => !isMet(aim)));
if (missed.length > 0) console.log(`${missed.length} of the aims missed.`);
process.exit(0);
