import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { orphans } from '../../scripts/build/prune-dist.ts';

test('what was compiled from a file that has moved is an orphan, and nothing else is', () => {
  const project = `${mkdtempSync(join(tmpdir(), 'imaginem-prune-'))}/`;
  try {
    const files = [
      'src/steps/ocr.ts',
      'src/page/view.tsx',
      'dist/src/steps/ocr.js',
      'dist/src/steps/ocr.js.map',
      'dist/src/page/view.js',
      'dist/src/steps/moved.js',
      'dist/src/steps/moved.js.map',
      'dist/networks/face.onnx',
    ];
    for (const file of files) {
      mkdirSync(dirname(project + file), { recursive: true });
      writeFileSync(project + file, '');
    }
    expect(orphans(project).sort()).toEqual(['dist/src/steps/moved.js', 'dist/src/steps/moved.js.map']);
  } finally {
    rmSync(project, { recursive: true });
  }
});
