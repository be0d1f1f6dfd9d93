/** A folder of `src/`, and what its files may import. */
export interface Room {
  readonly holds: string;
  /** Rooms and files, each with everything below it. A room may always import itself. */
  readonly mayImport: readonly string[];
}

/**
 * The rooms of the house, from the ground up: imports run downwards only. The longest name that fits a file's path is
 * its room. `docs/architecture.md` is compared with this by a test.
 */
export const rooms: Readonly<Record<string, Room>> = {
  domain: {
    holds: 'values that several rooms speak of: job, step, settings, errors, consent, rectangle',
    mayImport: [],
  },
  telemetry: { holds: 'traces and figures, to Application Insights where it is set', mayImport: ['domain'] },
  imaging: {
    holds: 'bytes to pixels, what stands in their headers, foreign images: within a budget',
    mayImport: ['domain'],
  },
  storage: {
    holds: 'blobs, queues and tables of the storage account, by connection string or identity',
    mayImport: ['domain'],
  },
  results: {
    holds: 'the result store: one interface, SQL Server and SQLite behind it',
    mayImport: ['domain'],
  },
  vision: {
    holds: 'the clients of Computer Vision and Face: calls, limits, error mapping, the gallery of faces',
    mayImport: ['domain', 'telemetry', 'imaging', 'storage'],
  },
  pipeline: {
    holds: 'the framework; knows no step, no vendor, no SQL',
    mayImport: ['domain', 'telemetry', 'imaging', 'storage'],
  },
  steps: {
    holds: 'one file per step: what it needs, what it does, what it returns',
    mayImport: ['domain', 'imaging', 'storage', 'results', 'vision', 'pipeline'],
  },
  testing: { holds: 'what a step is tested with: no cloud, no queue', mayImport: ['domain', 'imaging'] },
  erasure: {
    holds: 'the map of the data, the eraser, receipts',
    mayImport: ['domain', 'storage', 'results', 'vision', 'pipeline'],
  },
  'app.ts': {
    holds: 'the parts of the app, put together once per process',
    mayImport: [
      'domain',
      'telemetry',
      'imaging',
      'storage',
      'results',
      'vision',
      'pipeline',
      'steps',
      'erasure',
    ],
  },
  'start-up.ts': {
    holds: 'what a process of the app may do, settled before its functions are registered',
    mayImport: ['domain', 'pipeline', 'app.ts'],
  },
  'api/routes.ts': { holds: 'the paths of the API and of the page', mayImport: [] },
  'api/contract': {
    holds: 'the shapes of what the API takes and gives, which page and server share',
    mayImport: ['api/routes.ts'],
  },
  'api/contract.ts': {
    holds: 'every operation of the API',
    mayImport: ['api/routes.ts', 'api/contract'],
  },
  api: {
    holds: 'the HTTP handlers, and the gate before them',
    mayImport: [
      'domain',
      'imaging',
      'storage',
      'results',
      'pipeline',
      'erasure',
      'app.ts',
      'start-up.ts',
      'api/routes.ts',
      'api/contract',
      'api/contract.ts',
    ],
  },
  dashboard: { holds: 'the web page', mayImport: ['api/contract', 'api/contract.ts', 'api/routes.ts'] },
  'wiring.ts': {
    holds: 'how the app hangs on the Functions host: queues, timers, start and stop',
    mayImport: ['domain', 'storage', 'pipeline', 'erasure', 'app.ts', 'start-up.ts'],
  },
  'http-wiring.ts': {
    holds: 'how it hangs there by HTTP: its routes, behind the gate of the API',
    mayImport: ['wiring.ts', 'api', 'api/contract.ts', 'api/routes.ts'],
  },
  functions: {
    holds: 'what Azure Functions loads: a file per function, trigger and wiring only',
    mayImport: ['wiring.ts', 'http-wiring.ts', 'pipeline', 'erasure', 'api'],
  },
  cli: {
    holds: 'the command line',
    mayImport: ['domain', 'imaging', 'storage', 'results', 'pipeline', 'steps', 'erasure', 'app.ts'],
  },
  'local/vision': {
    holds: 'the vision engine: to Computer Vision and Face what Azurite is to Storage',
    mayImport: ['domain', 'imaging'],
  },
  'local/storage': {
    holds: 'the storage account of one machine: blobs, queues and tables over SQLite',
    mayImport: ['domain'],
  },
  'local/host': { holds: 'the embedded Functions host', mayImport: ['domain'] },
  local: {
    holds: 'one machine: the launcher and what it starts',
    mayImport: ['domain', 'storage', 'pipeline', 'app.ts', 'api/routes.ts', 'cli', 'local/storage'],
  },
};
