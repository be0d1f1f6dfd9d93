import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type App, openApp } from '../../app.ts';
import { type Instance, readInstance, writeInstance } from '../../cli/instance.ts';
import type { Clock } from '../../domain/ports.ts';
import { makePrivate, narrowedSentence } from '../../domain/private-files.ts';
import type { DataFolder } from './data-folder.ts';
import { LogFile } from './log-file.ts';
import type { LauncherOptions } from './options.ts';
import { choosePorts } from './ports.ts';
import { Service, ServiceError, type ServiceSpec } from './service.ts';
import { azurite, engine, functionsHost, storage as ownStorage } from './services.ts';
import { instanceSettings } from './settings.ts';
import { storageAccount } from './storage-account.ts';
import { storageKindOf } from './storage-kind.ts';

export interface Parts {
  readonly app: App;
  readonly instance: Instance;
  /** Rejects when a part is given up. */
  readonly lost: Promise<never>;
  /** Host first, then engine, then storage: each is there for the one before it. */
  stop(): Promise<void>;
  kill(): void;
}

interface BringUp {
  readonly options: LauncherOptions;
  readonly folder: DataFolder;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly say: (sentence: string) => void;
  /** Takes what the parts write, where the operator wants to see it. */
  readonly echo?: (line: string) => void;
  /** Told of the parts as soon as there is something that must be stopped. */
  readonly onServices: (services: readonly Service[]) => void;
  readonly signal: AbortSignal;
}

/** Ports are chosen before they are taken: another program can be quicker. */
const PORT_TRIES = 3;

/** Brings storage, engine and host up in the order of their needs. @throws {ServiceError} with nothing left running */
export async function bringUp(given: BringUp): Promise<Parts> {
  for (let left = PORT_TRIES; ; left -= 1) {
    try {
      return await bringUpOnce(given);
    } catch (error) {
      const taken = error instanceof ServiceError && /EADDRINUSE|is taken/.test(error.message);
      if (!taken || left === 1 || given.signal.aborted) throw error;
    }
  }
}

async function bringUpOnce(given: BringUp): Promise<Parts> {
  const { options, folder, env, clock, say, signal } = given;
  const last = await readInstance(folder.root);
  const { ports, remarks } = await choosePorts(last?.ports);
  for (const remark of remarks) say(remark);
  const kind = await storageKindOf(options.storage, folder, clock, say);
  const account = storageAccount(kind, last, folder);
  // Anew at each start: whoever has to know it reads it in the instance's file, which is its owner's alone.
  const engineKey = randomBytes(32).toString('base64url');
  // The same at every start: heads that were noted before are to be recognised.
  const auditKey = last?.settings.AUDIT_SIGNING_KEY ?? randomBytes(32).toString('base64url');
  const { own, inherited, needsEngine } = instanceSettings(ports, folder, env, account, {
    engine: engineKey,
    audit: auditKey,
  });
  const instance: Instance = {
    pid: process.pid,
    startedAt: new Date(clock()).toISOString(),
    ports,
    settings: own,
    inherited,
  };
  const appEnv = { ...env, ...own };
  // It need not lie in the data folder, whose own rights would then say nothing.
  if (own.SQLITE_PATH !== undefined && existsSync(own.SQLITE_PATH)) {
    const sentence = narrowedSentence(own.SQLITE_PATH, makePrivate(own.SQLITE_PATH));
    if (sentence !== undefined) say(sentence);
  }
  // Wrong settings are told of before anything is started.
  const app = await openApp(appEnv);
  const shared = {
    ...{
      ports,
      folder,
      account,
      env: appEnv,
      workers: options.workers,
      limitedAccess: options.limitedAccess,
      engineKey,
    },
    invisibilitySeconds: options.invisibility,
    ...(options.inspect !== undefined && { inspect: options.inspect }),
  };
  const logs: LogFile[] = [];
  const service = (spec: ServiceSpec) => {
    const log = new LogFile(path.join(folder.logs, `${spec.name}.log`));
    logs.push(log);
    const { echo } = given;
    return new Service(spec, {
      log,
      say,
      clock,
      ...(echo && { echo: (line: string) => echo(`[${spec.name}] ${line}`) }),
    });
  };
  const storage = service(kind === 'azurite' ? azurite(shared) : ownStorage(shared));
  const vision = needsEngine ? service(engine(shared)) : undefined;
  const host = service(functionsHost(shared));
  const inOrder = [host, ...(vision ? [vision] : []), storage];
  given.onServices(inOrder);
  const stop = async () => {
    await app.close();
    for (const one of inOrder) await one.stop();
    for (const log of logs) log.close();
  };
  try {
    say(
      `Starting the ${[storage, ...(vision ? [vision] : [])].map(({ spec }) => spec.title).join(' and the ')} ...`,
    );
    await allOrFirstError([storage.start().then(() => app.ensure()), vision?.start()]);
    signal.throwIfAborted();
    say(`Starting the ${host.spec.title} ...`);
    await host.start();
    signal.throwIfAborted();
    await writeInstance(folder.root, instance);
  } catch (error) {
    for (const one of inOrder) one.kill();
    await stop();
    throw error;
  }
  return {
    app,
    instance,
    lost: Promise.race(inOrder.map(({ lost }) => lost)),
    stop,
    kill: () => {
      for (const one of inOrder) one.kill();
    },
  };
}

/** Waits for all even where one fails, so that nothing goes on starting behind a launcher that gives up. */
async function allOrFirstError(works: readonly (Promise<void> | undefined)[]): Promise<void> {
  for (const outcome of await Promise.allSettled(works)) {
    if (outcome.status === 'rejected') throw outcome.reason;
  }
}
