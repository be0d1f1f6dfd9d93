import { expect, test } from 'vitest';
import { consentNow, consentSchema, fromConsentMessage, toConsentMessage } from '../../src/domain/consent.ts';

test('what is said of the batch now goes before what the job was admitted with; either may forbid matching', () => {
  const [yes, no] = [{ doNotMatch: false }, { doNotMatch: true }];
  expect(consentNow(undefined, undefined)).toBeUndefined();
  expect(consentNow(no, undefined)).toEqual(no);
  expect(consentNow(undefined, no)).toEqual(no);
  expect(consentNow(yes, yes)?.doNotMatch).toBe(false);
  expect(consentNow(yes, no)?.doNotMatch).toBe(true);
  expect(consentNow(no, yes)?.doNotMatch).toBe(true);
  const admitted = { purpose: 'then', legalBasis: 'kept', doNotMatch: false };
  const batch = { purpose: 'now', expires: '2027-01-01T00:00:00.000Z', doNotMatch: false };
  expect(consentNow(admitted, batch)).toEqual({ ...admitted, ...batch });
});

test('a message that forbids matching is a refusal that no change of its batch takes back', () => {
  const refused = fromConsentMessage({ do_not_match: true });
  expect(refused).toEqual({ refused: true, doNotMatch: true });
  expect(consentNow(refused, { doNotMatch: false })).toMatchObject({ refused: true, doNotMatch: true });
  expect(fromConsentMessage({ do_not_match: false })).toEqual({ doNotMatch: false });
  expect(fromConsentMessage({})).toEqual({ doNotMatch: false });
  expect(fromConsentMessage(undefined)).toBeUndefined();
});

test('terms are the same after a message has carried them', () => {
  const all = { purpose: 'p', legalBasis: 'l', expires: '2027-01-01T00:00:00.000Z', doNotMatch: false };
  for (const consent of [all, { doNotMatch: false }, { purpose: 'p', doNotMatch: false }])
    expect(fromConsentMessage(toConsentMessage(consent))).toEqual(consent);
  expect(toConsentMessage({ doNotMatch: true })).toEqual({ do_not_match: true });
});

test('a text of 200 characters is taken, one of 201 is not', () => {
  for (const name of ['purpose', 'legal_basis'])
    expect(
      [200, 201].map((length) => consentSchema.safeParse({ [name]: 'x'.repeat(length) }).success),
    ).toEqual([true, false]);
});
