import { app as functions } from '@azure/functions';
import { pipelineResolve } from '../api/pipeline-resolve.ts';
import { theApp } from '../wiring.ts';

functions.http('pipeline-resolve', {
  route: 'api/pipeline/resolve',
  methods: ['GET', 'POST'],
  authLevel: 'function',
  handler: async (request) => pipelineResolve(request, await theApp()),
});
