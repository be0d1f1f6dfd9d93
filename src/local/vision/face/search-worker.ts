import { parentPort } from 'node:worker_threads';
import { DIMENSIONS } from './faceprint-index.ts';
import { FacesFile } from './faces-file.ts';
import { QuantisedFaces } from './quantised-faces.ts';
import type { SearchAnswer, SearchRequest } from './search-protocol.ts';

interface Open {
  faces: QuantisedFaces;
  file: FacesFile | undefined;
}

if (parentPort === null)
  throw new Error('This file is the entry of a worker thread: LargeIndexes starts it.');
const port = parentPort;
const lists = new Map<number, Open>();

port.on('message', (request: SearchRequest) => {
  try {
    port.postMessage(answer(request) satisfies SearchAnswer);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    port.postMessage({ kind: 'failed', message } satisfies SearchAnswer);
  }
});

function answer(request: SearchRequest): SearchAnswer {
  if (request.kind === 'open') {
    const file = request.path === undefined ? undefined : new FacesFile(request.path);
    const open = { faces: new QuantisedFaces(), file };
    file?.load(open.faces);
    lists.set(request.list, open);
    return done(open);
  }
  const open = lists.get(request.list);
  if (open === undefined) throw new Error(`The face list ${request.list} is not open.`);
  const { faces, file } = open;
  switch (request.kind) {
    case 'append': {
      const rows = [...request.seqs].flatMap((seq, i) => {
        const row = faces.add(seq, request.prints.subarray(i * DIMENSIONS, (i + 1) * DIMENSIONS));
        return row === undefined ? [] : [{ seq, ...row }];
      });
      try {
        file?.append(rows);
      } catch {
        // The faces are in the database and found from memory; a file that lacked some of them would hide them later.
        open.file = undefined;
        file?.giveUp();
      }
      return done(open);
    }
    case 'clear':
      open.faces = new QuantisedFaces();
      file?.clear();
      return done(open);
    case 'wipe': {
      const row = faces.wipe(request.seq);
      if (row !== undefined) file?.wipe(row, request.seq);
      return done(open);
    }
    case 'search':
      return done(open, faces.search(request.query, request));
    case 'close':
      file?.close();
      lists.delete(request.list);
      return done(open);
  }
}

function done({ faces }: Open, seqs: number[] = []): SearchAnswer {
  return { kind: 'done', seqs, live: faces.live, lastSeq: faces.lastSeq };
}
