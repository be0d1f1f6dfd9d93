import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findLanguageData } from '../../../src/local/vision/models/language-data.ts';
import { readableScripts } from '../../../src/local/vision/scripts.ts';
import { startEngine } from './start-engine.ts';

function folderWith(...codes: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'tessdata-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'tessdata'));
  for (const code of codes) writeFileSync(join(folder, 'tessdata', `${code}.traineddata`), '');
  return folder;
}

test('Arabic and Persian come with the packages; the system adds what its folder holds, Latin aside', () => {
  const found = findLanguageData({ TESSDATA_PREFIX: folderWith('rus', 'amh', 'kmr') });
  expect(found.map(({ code }) => code).sort()).toEqual(['amh', 'ara', 'fas', 'rus']);
  expect(found.find(({ code }) => code === 'rus')).toMatchObject({
    script: 'Cyrillic',
    tag: 'ru',
    gzip: false,
  });
  expect(found.find(({ code }) => code === 'fas')).toMatchObject({ script: 'Arabic', tag: 'fa', gzip: true });
});

test('the engine says which scripts it reads', async () => {
  const scripts = readableScripts({ TESSDATA_PREFIX: folderWith('ukr') });
  expect(scripts.map(({ script }) => script)).toEqual(['Latin', 'Han', 'Arabic', 'Cyrillic']);
  const { url } = await startEngine();
  const response = await fetch(`${url}/engine/scripts`);
  const answer = (await response.json()) as { scripts: { script: string; languages: string[] }[] };
  expect(answer.scripts).toContainEqual(
    expect.objectContaining({ script: 'Arabic', languages: ['ar', 'fa'] }),
  );
});
