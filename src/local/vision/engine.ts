import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { analyzeRoutes } from './computer-vision/analyze.ts';
import { ocrRoutes } from './computer-vision/ocr.ts';
import { type ReadContext, readRoutes } from './computer-vision/read.ts';
import { detectRoutes } from './face/detect.ts';
import { findSimilarRoutes } from './face/find-similar.ts';
import { FACE_LIST, LARGE_FACE_LIST, listRoutes } from './face/lists.ts';
import { persistedFaceRoutes } from './face/persisted-faces.ts';
import { type FaceContext, gated } from './face/routes.ts';
import { trainRoutes } from './face/train.ts';
import { verifyRoutes } from './face/verify.ts';
import { Line } from './http/line.ts';
import type { Route } from './http/router.ts';
import { createEngineServer } from './http/server.ts';
import { createThrottle } from './http/throttle.ts';
import { type EngineOptions, toSettings } from './options.ts';
import { scriptRoutes } from './scripts.ts';
import { emptyLog, openDatabase } from './store/database.ts';
import { FaceIds } from './store/face-ids.ts';
import { FaceLists } from './store/face-lists.ts';
import { ReadOperations } from './store/read-operations.ts';

export interface Engine {
  /**
   * @param port 0 takes a free one
   * @returns the endpoint, `http://host:port`
   */
  listen(port?: number, host?: string): Promise<string>;
  /** The endpoint for both SDKs. */
  readonly url: string;
  /** Stops listening, lets calls under way end, closes the store. May be called again. */
  close(): Promise<void>;
}

/** How long calls under way may take to end once the engine closes. */
const CLOSE_MS = 10_000;

const HOUSEKEEPING_MS = 60_000;

/** Well within the 30 seconds that the pipeline gives a call, for a turn can last longer than those before it. */
const ANSWER_WITHIN_MS = 20_000;

/** The vision engine: what Azurite is to Storage, to Computer Vision and Face. */
export function createEngine(options: EngineOptions): Engine {
  const settings = toSettings(options);
  const db = openDatabase(options.dataDir);
  const context: FaceContext = {
    settings,
    faceIds: new FaceIds(db, settings.clock, settings.newId),
    lists: new FaceLists(db, { dataDir: options.dataDir }),
  };
  const read: ReadContext = {
    settings,
    operations: new ReadOperations(db, settings.clock, settings.readResultMs),
    pending: new Set(),
  };
  // Also while nobody calls: what has expired is to be gone, from the log as well.
  const tidy = () => {
    context.faceIds.sweep();
    read.operations.sweep();
    emptyLog(db);
  };
  tidy();
  const housekeeping = setInterval(tidy, Math.min(HOUSEKEEPING_MS, settings.readResultMs));
  housekeeping.unref();
  const throttle = () => createThrottle(options.callsPerSecond, settings.clock);
  const server = createEngineServer({
    routes: [
      ...analyzeRoutes(settings),
      ...ocrRoutes(settings),
      ...readRoutes(read),
      ...faceRoutes(context),
      ...scriptRoutes(),
    ],
    key: options.key,
    line: new Line({
      places: options.workers ?? 1,
      answerWithinMs: options.answerWithinMs ?? ANSWER_WITHIN_MS,
      clock: settings.clock,
    }),
    throttles: { vision: throttle(), face: throttle() },
    log: settings.log,
  });
  let url: string | undefined;
  let closing: Promise<void> | undefined;
  async function shutDown(): Promise<void> {
    clearInterval(housekeeping);
    if (server.listening) {
      const closed = once(server, 'close');
      server.close();
      const deadline = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
      await closed;
      clearTimeout(deadline);
    }
    await Promise.all(read.pending);
    await context.lists.close();
    db.close();
  }
  return {
    async listen(port = 0, host = '127.0.0.1') {
      server.listen(port, host);
      await once(server, 'listening');
      const address = server.address() as AddressInfo;
      url = `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
      return url;
    },
    get url() {
      if (url === undefined) throw new Error('The vision engine is not listening yet: call listen() first.');
      return url;
    },
    close() {
      closing ??= shutDown();
      return closing;
    },
  };
}

function faceRoutes(context: FaceContext): Route[] {
  return [
    ...detectRoutes(context),
    ...gated(context, [
      ...findSimilarRoutes(context),
      ...verifyRoutes(context),
      ...[FACE_LIST, LARGE_FACE_LIST].flatMap((shape) => [
        ...listRoutes(shape, context),
        ...persistedFaceRoutes(shape, context),
      ]),
      ...trainRoutes(context),
    ]),
  ];
}
