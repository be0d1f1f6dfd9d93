import { onTestFinished } from 'vitest';
import { createEngine, type Engine } from '../../../src/local/vision/engine.ts';
import type { EngineOptions } from '../../../src/local/vision/options.ts';
import { createClients } from './clients.ts';
import { createFakeAnalyzer, type FakeAnalyzer } from './fake-analyzer.ts';

export interface StartedEngine extends ReturnType<typeof createClients> {
  engine: Engine;
  url: string;
  analyzer: FakeAnalyzer;
  /** Moves the engine's clock. */
  advance(ms: number): void;
}

/** An engine on a free port, over the fake analyzer and a clock that only tests move; closed with the test. */
export async function startEngine(options: Partial<EngineOptions> = {}): Promise<StartedEngine> {
  const analyzer = createFakeAnalyzer();
  let now = Date.parse('2026-11-01T12:00:00Z');
  const engine = createEngine({ analyzer, clock: () => now, ...options });
  onTestFinished(() => engine.close());
  const url = await engine.listen();
  return {
    engine,
    url,
    analyzer,
    advance: (ms) => {
      now += ms;
    },
    ...createClients(url, options.key),
  };
}

/** Asks until the answer is as wanted. */
export async function eventually<T>(
  ask: () => Promise<T>,
  wanted: (answer: T) => boolean,
  ms = 20_000,
): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`Not so after ${ms} ms: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
