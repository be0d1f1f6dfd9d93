import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { choosePorts, isFree } from '../../../src/local/launcher/ports.ts';
import { freePorts } from './support.ts';

async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test('the ports of the last run are used again, without a word', async () => {
  const last = await freePorts();
  expect(await choosePorts(last)).toEqual({ ports: last, remarks: [] });
});

test('in place of a taken port a free one is used, and said so', async () => {
  const taken = await takenPort();
  const last = { ...(await freePorts()), engine: taken };
  const { ports, remarks } = await choosePorts(last);
  expect(ports.engine).not.toBe(taken);
  expect(await isFree(ports.engine)).toBe(true);
  expect(ports).toMatchObject({ blob: last.blob, queue: last.queue, table: last.table, host: last.host });
  expect(remarks).toEqual([expect.stringContaining(`Port ${taken} (engine) is taken`)]);
});

test('when the port of stored images is taken, what that means for them is said', async () => {
  const taken = await takenPort();
  const { remarks } = await choosePorts({ ...(await freePorts()), blob: taken });
  expect(remarks).toEqual([expect.stringMatching(/Addresses of images stored earlier still name/)]);
});

test('in place of five taken ports five different ones are used', async () => {
  const taken = await takenPort();
  const { ports } = await choosePorts({
    blob: taken,
    queue: taken,
    table: taken,
    engine: taken,
    host: taken,
  });
  expect(new Set([taken, ...Object.values(ports)]).size).toBe(6);
});
