import { expect, test } from 'vitest';
import { DEFAULT_PIPELINE, readSettings, SettingsError } from '../src/settings.ts';

test('an empty environment gives the documented defaults', () => {
  const settings = readSettings({});
  expect(settings.PIPELINE_DEFINITION).toBe(DEFAULT_PIPELINE);
  expect(settings.MAX_ATTEMPTS).toBe(5);
  expect(settings.ALLOWED_IMAGE_HOSTS).toEqual([]);
});

test('an empty value counts as absent', () => {
  expect(readSettings({ MAX_ATTEMPTS: '' }).MAX_ATTEMPTS).toBe(5);
});

test('every wrong setting is named in one error', () => {
  expect(() => readSettings({ MAX_ATTEMPTS: '0', FACE_ENDPOINT: 'http://host/prefix' })).toThrow(
    SettingsError,
  );
  try {
    readSettings({ MAX_ATTEMPTS: '0', FACE_ENDPOINT: 'http://host/prefix' });
  } catch (error) {
    expect(String(error)).toMatch(/MAX_ATTEMPTS/);
    expect(String(error)).toMatch(/FACE_ENDPOINT: must have no path/);
  }
});
