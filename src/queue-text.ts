import { createRequire } from 'node:module';

/**
 * The texts of queue messages as they came. `@azure/functions` parses whatever is JSON, so that a text such as `35e2` or
 * `null`, or a long number in an object, reaches a handler as another one; a dead letter is to hold what was sent.
 */

interface Invocation {
  invocationId: string;
  request?: {
    inputData?: { data?: { string?: unknown } | null }[] | null;
    triggerMetadata?: Record<string, { json?: unknown } | null> | null;
  };
  metadata?: { bindings?: Record<string, { type?: string } | undefined> };
}

interface Model {
  getInvocationModel(context: Invocation): unknown;
}

/** The part of `@azure/functions-core` that is used: it is there only where a Functions host is. */
interface Core {
  getProgrammingModel?(): Model | undefined;
  setProgrammingModel?(model: Model): void;
}

/** Texts of invocations that have not asked for theirs; more than a host runs at once are never needed. */
const MOST = 1000;
const texts = new Map<string, string>();

/** Models that note their texts. */
const kept = new WeakSet<Model>();

/**
 * Notes the text of every queue message before it is parsed. Called after a function was registered, for the library
 * sets its model with the first; more often does no harm. Nothing where no host, or one without such a place, is.
 */
export function keepQueueTexts(core: Core | undefined = hostCore()): void {
  const model = core?.getProgrammingModel?.();
  if (model === undefined || core?.setProgrammingModel === undefined || kept.has(model)) return;
  kept.add(model);
  // The very object, for what else it has is the library's own.
  const original = model.getInvocationModel.bind(model);
  model.getInvocationModel = (context) => {
    note(context);
    return original(context);
  };
  core.setProgrammingModel(model);
}

function note({ invocationId, request, metadata }: Invocation): void {
  const bindings = Object.values(metadata?.bindings ?? {});
  if (!bindings.some((binding) => binding?.type === 'queueTrigger')) return;
  dropNestedFields(request?.triggerMetadata);
  const text = request?.inputData?.[0]?.data?.string;
  if (typeof text !== 'string') return;
  texts.set(invocationId, text);
  if (texts.size > MOST) texts.delete(texts.keys().next().value ?? '');
}

/**
 * The host adds the fields of a message's own body to the metadata, and the library walks those by recursion: with
 * thousands of levels it would throw before any function of ours runs, that of the poison queue included. None is used.
 */
function dropNestedFields(metadata: Record<string, { json?: unknown } | null> | null | undefined): void {
  for (const [name, value] of Object.entries(metadata ?? {})) {
    if (typeof value?.json === 'string' && /^\s*[[{]/.test(value.json)) delete metadata?.[name];
  }
}

/** The text of an invocation's message, once; what the handler was given where it is not known. */
export function queueText(invocationId: string, given: unknown): unknown {
  const text = texts.get(invocationId);
  texts.delete(invocationId);
  return text ?? given;
}

function hostCore(): Core | undefined {
  try {
    return createRequire(import.meta.url)('@azure/functions-core') as Core;
  } catch {
    return undefined;
  }
}
