import { expect, test } from 'vitest';
import { DEFAULT_PIPELINE, readSettings, SettingsError } from '../../src/domain/settings.ts';

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

test.each([
  [
    { RETRY_BASE_SECONDS: '60', RETRY_MAX_SECONDS: '30' },
    /RETRY_BASE_SECONDS: .*60 s.*raise RETRY_MAX_SECONDS/,
  ],
  [{ RETRY_BASE_SECONDS: '400' }, /RETRY_BASE_SECONDS: .*RETRY_MAX_SECONDS \(300 s\)/],
  [{ RETRY_MAX_SECONDS: '7200', OUTAGE_LIMIT: '1' }, /RETRY_MAX_SECONDS: .*lower it to 3600 at most/],
  [{ RETRY_BASE_SECONDS: '0' }, /RETRY_BASE_SECONDS/],
  [{ RETRY_MAX_SECONDS: '1e9' }, /RETRY_MAX_SECONDS/],
  [{ MAX_ATTEMPTS: '2.5' }, /MAX_ATTEMPTS/],
  [{ OUTAGE_LIMIT: '-1' }, /OUTAGE_LIMIT/],
])(
  'retry settings that contradict each other or have no sense are refused with what to change: %j',
  (env, says) => {
    expect(() => readSettings(env)).toThrow(SettingsError);
    expect(() => readSettings(env)).toThrow(says);
  },
);

test('retry settings at their bounds are taken', () => {
  expect(readSettings({ RETRY_BASE_SECONDS: '300' }).RETRY_BASE_SECONDS).toBe(300);
  expect(readSettings({ OUTAGE_LIMIT: '0' }).OUTAGE_LIMIT).toBe(0);
});
