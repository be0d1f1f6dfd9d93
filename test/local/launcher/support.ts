import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import type { Ports } from '../../../src/cli/instance.ts';
import type { ServiceSpec } from '../../../src/local/launcher/service.ts';

/** A folder of the test's own; `onEnd` is told how to remove it. */
export async function folder(onEnd: (remove: () => Promise<void>) => void): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'imaginem-'));
  onEnd(() => rm(made, { recursive: true, force: true, maxRetries: 5 }));
  return made;
}

/** Ports that are free at the moment of asking. */
export async function freePorts(): Promise<Ports> {
  const servers = Array.from({ length: 5 }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const [blob, queue, table, engine, host] = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return { blob, queue, table, engine, host } as Ports;
}

/** Asks until it is so. */
export async function until(what: string, ask: () => boolean | Promise<boolean>, limitMs = 30_000) {
  for (const end = Date.now() + limitMs; Date.now() < end; await delay(25)) if (await ask()) return;
  throw new Error(`Waited ${limitMs / 1000} s in vain until ${what}.`);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The fixture part, in one of its modes; `file` takes what it has to tell. */
export function partSpec(mode: string, file: string, change: Partial<ServiceSpec> = {}): ServiceSpec {
  return {
    name: 'part',
    title: 'test part',
    script: fileURLToPath(new URL('./fixtures/part.js', import.meta.url)),
    args: [mode, file],
    env: process.env,
    ready: (child) => child.line((line) => line.includes('is up')),
    startLimitMs: 20_000,
    stopLimitMs: 20_000,
    restartAfterMs: [0, 0, 0],
    ...change,
  };
}
