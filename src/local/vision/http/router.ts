import type { IncomingMessage } from 'node:http';
import type { Turn } from './line.ts';

/** What a route answers; a body is sent as JSON, none means an empty answer. */
export interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface EngineRequest {
  raw: IncomingMessage;
  query: URLSearchParams;
  params: Record<string, string>;
  /** Scheme and authority under which the caller reached the engine: answers with absolute URLs use it. */
  origin: string;
  /** Of this call, as the services stamp theirs. */
  requestId: string;
  /** To be taken before the models are asked for anything. */
  turn: Turn;
}

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path from the root; `{name}` stands for one segment. */
  path: string;
  handle(request: EngineRequest): Promise<Reply> | Reply;
}

interface Match {
  route: Route;
  params: Record<string, string>;
}

export const ok = (body?: unknown): Reply => (body === undefined ? { status: 200 } : { status: 200, body });

/** Literal segments are compared without regard to case, as the services do; parameters keep theirs. */
export function matchRoute(routes: readonly Route[], method: string, path: string): Match | undefined {
  const segments = path.split('/').slice(1);
  for (const route of routes) {
    if (route.method !== method) continue;
    const params = matchSegments(route.path.split('/').slice(1), segments);
    if (params) return { route, params };
  }
  return undefined;
}

function matchSegments(pattern: string[], segments: string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, expected] of pattern.entries()) {
    const actual = segments[i] ?? '';
    if (expected.startsWith('{')) {
      const value = decodeSegment(actual);
      if (value === undefined || value === '') return undefined;
      params[expected.slice(1, -1)] = value;
    } else if (expected.toLowerCase() !== actual.toLowerCase()) {
      return undefined;
    }
  }
  return params;
}

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
