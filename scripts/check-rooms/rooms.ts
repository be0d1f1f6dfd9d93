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
  network: {
    holds: 'which addresses of hosts outside may be connected to, and to no other ones',
    mayImport: ['domain'],
  },
  imaging: {
    holds: 'bytes to pixels, what stands in their headers, foreign images: within a budget',
    mayImport: ['domain', 'network'],
  },
  storage: {
    holds: 'blobs, queues and tables of the storage account, by connection string or identity',
    mayImport: ['domain'],
  },
  database: {
    holds: 'SQL Server and SQLite behind one interface, and how statements are built',
    mayImport: ['domain'],
  },
  audit: {
    holds: 'who did what: a chain of entries that only grows',
    mayImport: ['domain', 'database'],
  },
  results: {
    holds: 'the result store: one row per image with its children, questions and answers',
    mayImport: ['domain', 'database', 'audit'],
  },
  telling: {
    holds: 'what is told to others: events from the outbox, signed, over a webhook or to an Event Grid topic',
    mayImport: ['domain', 'network', 'results'],
  },
  people: {
    holds: 'who is who: decisions, groups, persons',
    mayImport: ['domain', 'database', 'audit', 'results'],
  },
  vision: {
    holds: 'the clients of Computer Vision and Face: calls, limits, error mapping, the gallery of faces',
    mayImport: ['domain', 'telemetry', 'imaging', 'storage'],
  },
  'pipeline/message': {
    holds: 'the contract: messages and events, read and written; what is too large travels beside them',
    mayImport: ['domain', 'storage'],
  },
  'pipeline/definition': {
    holds: 'which steps there are, in which order, and what is wrong with an order',
    mayImport: ['domain'],
  },
  'pipeline/journal': {
    holds:
      'what is recorded: jobs and outcomes, the message that follows from them, dead letters, tombstones',
    mayImport: ['domain', 'storage', 'pipeline/message', 'pipeline/definition'],
  },
  'pipeline/admission': {
    holds: 'an image becomes a job: looked at, on the terms of its batch',
    mayImport: [
      'domain',
      'telemetry',
      'imaging',
      'storage',
      'pipeline/message',
      'pipeline/definition',
      'pipeline/journal',
    ],
  },
  'pipeline/delivery': {
    holds: 'the one door for every message: run the step, record, send',
    mayImport: [
      'domain',
      'telemetry',
      'imaging',
      'storage',
      'pipeline/message',
      'pipeline/definition',
      'pipeline/journal',
      'pipeline/admission',
    ],
  },
  'pipeline/rescue': {
    holds: 'what was given up or never announced: poison messages, blobs without an event',
    mayImport: [
      'domain',
      'storage',
      'pipeline/message',
      'pipeline/definition',
      'pipeline/journal',
      'pipeline/admission',
      'pipeline/delivery',
    ],
  },
  steps: {
    holds: 'one file per step: what it needs, what it does, what it returns',
    mayImport: ['domain', 'imaging', 'storage', 'results', 'people', 'vision', 'pipeline', 'telling'],
  },
  testing: { holds: 'what a step is tested with: no cloud, no queue', mayImport: ['domain', 'imaging'] },
  erasure: {
    holds: 'the map of the data, the eraser, receipts',
    mayImport: ['domain', 'storage', 'results', 'people', 'vision', 'pipeline'],
  },
  admin: {
    holds: 'use cases of people who run it: rerun, replay, why; API and command line only translate',
    mayImport: ['domain', 'storage', 'results', 'people', 'audit', 'pipeline', 'erasure', 'imaging'],
  },
  'app.ts': {
    holds: 'the parts of the app, put together once per process',
    mayImport: [
      'domain',
      'telemetry',
      'imaging',
      'storage',
      'results',
      'people',
      'audit',
      'vision',
      'pipeline',
      'steps',
      'erasure',
      'telling',
    ],
  },
  'start-up.ts': {
    holds: 'what a process of the app may do, settled before its functions are registered',
    mayImport: ['domain', 'pipeline', 'app.ts'],
  },
  'api/routes.ts': { holds: 'the paths of the API and of the page', mayImport: [] },
  'api/contract': {
    holds: 'the shapes of what the API takes and gives, which page and server share',
    mayImport: ['api/routes.ts', 'domain/enquiry-limits.ts', 'domain/partial-date.ts'],
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
      'people',
      'audit',
      'pipeline',
      'erasure',
      'admin',
      'app.ts',
      'start-up.ts',
      'api/routes.ts',
      'api/contract',
      'api/contract.ts',
    ],
  },
  dashboard: {
    holds: 'the web page',
    mayImport: [
      'api/contract',
      'api/contract.ts',
      'api/routes.ts',
      'domain/interval.ts',
      'domain/match-worth.ts',
      'domain/partial-date.ts',
      'domain/step-output.ts',
    ],
  },
  'queue-text.ts': {
    holds: 'the texts of queue messages as they came, before the library parses them',
    mayImport: [],
  },
  'wiring.ts': {
    holds: 'how the app hangs on the Functions host: queues, timers, start and stop',
    mayImport: ['queue-text.ts', 'domain', 'storage', 'pipeline', 'erasure', 'app.ts', 'start-up.ts'],
  },
  'http-wiring.ts': {
    holds: 'how it hangs there by HTTP: its routes, behind the gate of the API',
    mayImport: ['wiring.ts', 'api', 'api/contract.ts', 'api/routes.ts'],
  },
  functions: {
    holds: 'what Azure Functions loads: a file per function, trigger and wiring only',
    mayImport: ['domain', 'wiring.ts', 'http-wiring.ts', 'pipeline', 'erasure', 'admin', 'api'],
  },
  cli: {
    holds: 'the command line',
    mayImport: [
      'domain',
      'imaging',
      'storage',
      'results',
      'people',
      'audit',
      'pipeline',
      'steps',
      'erasure',
      'admin',
      'app.ts',
    ],
  },
  'local/vision': {
    holds: 'the vision engine: to Computer Vision and Face what Azurite is to Storage',
    mayImport: ['domain', 'imaging'],
  },
  'local/storage': {
    holds: 'the storage account of one machine: blobs, queues and tables over SQLite',
    mayImport: ['domain'],
  },
  'local/data': {
    holds: 'a data folder as a whole: backup, restore, check',
    mayImport: ['cli', 'local/storage'],
  },
  'local/host': { holds: 'the embedded Functions host', mayImport: ['domain'] },
  local: {
    holds: 'one machine: the launcher and what it starts',
    mayImport: ['domain', 'storage', 'pipeline', 'app.ts', 'api/routes.ts', 'cli', 'local/storage'],
  },
};
