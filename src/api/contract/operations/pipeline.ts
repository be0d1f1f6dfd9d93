import { paths } from '../../routes.ts';
import type { Operation } from '../operation.ts';
import * as pipeline from '../pipeline.ts';
import * as standing from '../standing.ts';
import * as trouble from '../trouble.ts';

/** How the pipeline stands, its pauses, its troubles and its dead letters. */
export const pipelineOperations = {
  pipeline: {
    method: 'GET',
    path: paths.pipeline,
    role: 'viewer',
    summary: 'The steps, and the pipeline of new images.',
    answer: pipeline.pipeline,
  },
  queues: {
    method: 'GET',
    path: paths.queues,
    role: 'viewer',
    summary: 'What is waiting in each queue.',
    answer: pipeline.queues,
  },
  pauseStep: {
    method: 'PUT',
    path: paths.pause,
    role: 'operator',
    summary: 'Lets the messages of a step wait; none is lost, and no attempt is counted.',
    body: pipeline.pauseBody,
    answer: null,
  },
  resumeStep: {
    method: 'DELETE',
    path: paths.pause,
    role: 'operator',
    summary: 'Lets a paused step go on.',
    answer: null,
  },
  troubles: {
    method: 'GET',
    path: paths.troubles,
    role: 'viewer',
    summary: 'What failed, was not taken, was given up or waits, by reason, each with what to do.',
    answer: trouble.troubles,
  },
  queueStandings: {
    method: 'GET',
    path: paths.queueStandings,
    role: 'viewer',
    summary:
      'The same with what was put back after an error, and when it is tried again; looks at every job.',
    answer: standing.queueStandings,
  },
  status: {
    method: 'GET',
    path: paths.status,
    role: 'viewer',
    summary: 'How many images wait, are under way at which step, and have finished how; looks at every job.',
    query: standing.batchOnly,
    answer: standing.status,
  },
  stats: {
    method: 'GET',
    path: paths.stats,
    role: 'viewer',
    summary: 'Throughput, latency by step, calls and retries by service; looks at every job.',
    query: standing.batchOnly,
    answer: standing.stats,
  },
  failures: {
    method: 'GET',
    path: paths.failures,
    role: 'viewer',
    summary: 'What failed, by step and reason.',
    answer: pipeline.failures,
  },
  throughput: {
    method: 'GET',
    path: paths.throughput,
    role: 'viewer',
    summary: 'Results written, minute by minute.',
    query: pipeline.throughputQuery,
    answer: pipeline.throughput,
  },
  listDeadLetters: {
    method: 'GET',
    path: paths.deadLetters,
    role: 'viewer',
    summary: 'Messages that could not be worked on.',
    query: pipeline.deadLetterQuery,
    answer: pipeline.deadLetterPage,
  },
  getDeadLetter: {
    method: 'GET',
    path: paths.deadLetter,
    role: 'operator',
    summary: 'One of them, whole.',
    answer: pipeline.deadLetter,
  },
  replayDeadLetter: {
    method: 'POST',
    path: paths.deadLetterReplay,
    role: 'operator',
    summary: 'Puts the message back into its queue.',
    answer: null,
  },
  recoverHeld: {
    method: 'POST',
    path: paths.deadLetterRecovery,
    role: 'operator',
    summary:
      'Puts back to work what the Functions host holds back in the poison queues and shows within 20 seconds.',
    body: standing.recoverBody,
    answer: standing.recovered,
  },
  dropDeadLetter: {
    method: 'DELETE',
    path: paths.deadLetter,
    role: 'administrator',
    summary: 'Removes the message for good.',
    answer: null,
  },
} as const satisfies Record<string, Operation>;
