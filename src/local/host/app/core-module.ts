import Module from 'node:module';
import type { CoreApi } from './core-api.ts';

const NAME = '@azure/functions-core';

type Load = (request: string, parent: unknown, isMain: boolean) => unknown;
// The loader every `require` goes through; a function of Node without a type of its own.
const loader = Module as unknown as { _load: Load };

let provided: CoreApi | undefined;

/**
 * Answers `require('@azure/functions-core')` in this process. An ES `import` of it fails, as it does in the platform's
 * worker, which answers `require` only.
 *
 * @throws when this process has a host already: `@azure/functions` keeps the first answer for the life of the process
 */
export function provideCoreModule(api: CoreApi): void {
  if (provided !== undefined) {
    throw new Error('This process has a Functions host already: start another one in a process of its own.');
  }
  provided = api;
  const load = loader._load;
  loader._load = function answerCore(this: unknown, request, parent, isMain) {
    return request === NAME ? provided : load.call(this, request, parent, isMain);
  };
}
