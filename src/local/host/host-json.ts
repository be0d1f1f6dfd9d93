import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { trimOf } from '../../domain/trim.ts';
import type { LogLevel } from './app/core-api.ts';
import { parseLogLevel } from './log.ts';
import { parseTimeSpan } from './time-span.ts';

/** App settings, as the environment has them. */
export type Env = Readonly<Record<string, string | undefined>>;

const OVERRIDE = /^AzureFunctionsJobHost(?:__|:)/i;
const MAX_BATCH_SIZE = 32;
/** The platform's default on plans that bill by use of instances; `-1` there means no limit. */
const DEFAULT_FUNCTION_TIMEOUT_MS = 30 * 60_000;

const timeSpan = z.string().transform((text, context) => {
  const milliseconds = parseTimeSpan(text);
  if (milliseconds !== undefined) return milliseconds;
  context.addIssue({ code: 'custom', message: `"${text}" is not a time span such as "00:00:30"` });
  return z.NEVER;
});
const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const logLevel = z.string().transform((text, context): LogLevel => {
  const level = parseLogLevel(text);
  if (level !== undefined) return level;
  context.addIssue({ code: 'custom', message: `"${text}" is not a log level` });
  return z.NEVER;
});

const queues = z.object({
  batchSize: whole(1, MAX_BATCH_SIZE).default(16),
  newBatchThreshold: whole(0, 1000).optional(),
  maxPollingInterval: timeSpan.optional(),
  visibilityTimeout: timeSpan.default(0),
  maxDequeueCount: whole(1, 1_000_000).default(5),
  messageEncoding: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['base64', 'none']))
    .default('base64'),
});
const schema = z.object({
  version: z.literal('2.0'),
  functionTimeout: z.union([z.literal('-1').transform(() => Number.POSITIVE_INFINITY), timeSpan]).optional(),
  logging: z.object({ logLevel: z.object({ default: logLevel.optional() }).prefault({}) }).prefault({}),
  extensions: z
    .object({
      queues: queues.prefault({}),
      http: z.object({ routePrefix: z.string().default('api') }).prefault({}),
    })
    .prefault({}),
});

/** `extensions.queues` with the platform's defaults filled in; durations in milliseconds. */
export interface QueueOptions {
  /** Messages fetched at once, 1 to 32. */
  readonly batchSize: number;
  /** A new batch is fetched when at most so many messages are still being handled. */
  readonly newBatchThreshold: number;
  readonly maxPollingInterval: number;
  /** How long a message whose handler failed stays invisible. */
  readonly visibilityTimeout: number;
  readonly maxDequeueCount: number;
  readonly messageEncoding: 'base64' | 'none';
}

export interface HostJson {
  /** Milliseconds that an invocation may take; infinite for no limit. */
  readonly functionTimeout: number;
  readonly logLevel: LogLevel;
  readonly queues: QueueOptions;
  /** First part of every HTTP route, without slashes at its ends; may be empty. */
  readonly routePrefix: string;
}

/** host.json cannot be used: the message names the file's wrong entries. */
export class HostJsonError extends Error {
  override readonly name = 'HostJsonError';
}

/** Reads `<appDirectory>/host.json` and parses it. */
export async function readHostJson(appDirectory: string, env: Env): Promise<HostJson> {
  const file = path.join(appDirectory, 'host.json');
  try {
    return parseHostJson(JSON.parse(await readFile(file, 'utf8')), env);
  } catch (cause) {
    if (cause instanceof HostJsonError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HostJsonError(`host.json cannot be read: ${reason}`, { cause });
  }
}

/**
 * host.json with the platform's defaults, and overridden, as there, by settings named after the path of an entry:
 * `AzureFunctionsJobHost__extensions__queues__batchSize`.
 *
 * @throws {HostJsonError}
 */
export function parseHostJson(content: unknown, env: Env): HostJson {
  const parsed = schema.safeParse(override(content, env));
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `host.json, ${issue.path.join('.')}: ${issue.message}.`);
    throw new HostJsonError(lines.join('\n'));
  }
  const { extensions, logging, functionTimeout = DEFAULT_FUNCTION_TIMEOUT_MS } = parsed.data;
  const { batchSize, newBatchThreshold, maxPollingInterval, ...rest } = extensions.queues;
  const development = env.AZURE_FUNCTIONS_ENVIRONMENT?.toLowerCase() === 'development';
  return {
    functionTimeout,
    logLevel: logging.logLevel.default ?? 'information',
    routePrefix: trimOf(extensions.http.routePrefix, '/'),
    queues: {
      ...rest,
      batchSize,
      newBatchThreshold: newBatchThreshold ?? Math.floor(batchSize / 2) * availableParallelism(),
      maxPollingInterval: maxPollingInterval ?? (development ? 2000 : 60_000),
    },
  };
}

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The entries that are read, in their own spelling: settings may write them in any case, as in .NET configuration. */
const KNOWN = [
  ...['functionTimeout', 'logging', 'logLevel', 'default', 'extensions', 'queues', 'http', 'routePrefix'],
  ...Object.keys(queues.shape),
];

/** Settings over the file, entry by entry. */
function override(content: unknown, env: Env): unknown {
  if (!isTree(content)) return content;
  const result: Tree = structuredClone(content);
  for (const [name, value] of Object.entries(env)) {
    const prefix = OVERRIDE.exec(name)?.[0];
    if (prefix !== undefined && value !== undefined) {
      assign(result, name.slice(prefix.length).split(/__|:/), value);
    }
  }
  return result;
}

function assign(tree: Tree, [key, ...rest]: readonly string[], value: string): void {
  if (key === undefined) return;
  const own = KNOWN.find((name) => name.toLowerCase() === key.toLowerCase()) ?? key;
  if (rest.length === 0) {
    tree[own] = value;
    return;
  }
  const below = tree[own];
  const next: Tree = isTree(below) ? below : {};
  tree[own] = next;
  assign(next, rest, value);
}
