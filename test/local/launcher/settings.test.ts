import { expect, test } from 'vitest';
import { DEFAULT_PORTS } from '../../../src/cli/instance.ts';
import { DEFAULT_PIPELINE } from '../../../src/domain/settings.ts';
import type { DataFolder } from '../../../src/local/launcher/data-folder.ts';
import { instanceSettings } from '../../../src/local/launcher/settings.ts';

test('the instance keeps the pipeline it was started with, for a command line in another environment', () => {
  const folder = { results: 'results.db' } as DataFolder;
  const of = (env: Record<string, string>) =>
    instanceSettings(
      DEFAULT_PORTS,
      folder,
      env,
      { name: 'a', key: 'b' },
      { engine: 'engine-key', audit: 'audit-key' },
    ).own;
  expect([of({}).FACE_KEY, of({}).COMPUTER_VISION_KEY]).toEqual(['engine-key', 'engine-key']);
  // What is asked for elsewhere brings its own.
  expect(of({ FACE_ENDPOINT: 'https://face.example.com' }).FACE_KEY).toBeUndefined();
  expect(of({}).PIPELINE_DEFINITION).toBe(DEFAULT_PIPELINE);
  expect(of({ PIPELINE_DEFINITION: '' }).PIPELINE_DEFINITION).toBe(DEFAULT_PIPELINE);
  expect(of({ PIPELINE_DEFINITION: 'ocr,pipelineoutput' }).PIPELINE_DEFINITION).toBe('ocr,pipelineoutput');
});
