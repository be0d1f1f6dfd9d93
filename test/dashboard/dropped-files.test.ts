import { expect, test } from 'vitest';
import { droppedFiles } from '../../src/dashboard/views/upload/dropped-files.ts';

const file = (fullPath: string) => ({
  ...{ isFile: true, fullPath },
  file: (taken: (file: File) => void) => taken(new File(['x'], fullPath)),
});
const broken = (fullPath: string) => ({
  ...{ isFile: true, fullPath },
  file: (_: unknown, refused: (error: Error) => void) => refused(new Error('It was moved.')),
});
const folder = (fullPath: string, entries: object[]) => ({
  ...{ isFile: false, fullPath },
  createReader: () => ({ readEntries: (some: (found: object[]) => void) => some(entries.splice(0)) }),
});
const drop = (...entries: object[]) =>
  droppedFiles({
    items: entries.map((entry) => ({ webkitGetAsEntry: () => entry })),
  } as unknown as DataTransfer);

test('what cannot be read of a drop is named, and hides nothing else', async () => {
  const { files, unread } = await drop(
    folder('/camp', [broken('/camp/moved.jpg'), file('/camp/a.jpg'), broken('/camp/.DS_Store')]),
    file('/b.jpg'),
  );
  expect(files.map(({ name }) => name)).toEqual(['camp/a.jpg', 'b.jpg']);
  expect(unread).toEqual(['camp/moved.jpg']);
});
