import { describe, expect, test } from 'vitest';
import { jobIdOf } from '../../../src/domain/job-id.ts';
import { blobCreatedEvent, parseEvents } from '../../../src/pipeline/message/event.ts';

const event = (more: object = {}) => ({
  eventType: 'Microsoft.Storage.BlobCreated',
  subject: '/blobServices/default/containers/inputimages/blobs/b/a b.jpg',
  data: { eTag: '"0x1"', contentLength: 5 },
  ...more,
});

describe('an event', () => {
  test('announces a blob: its name as it is, its version bare, its size where that is said', () => {
    const blob = { container: 'inputimages', name: 'b/a b.jpg', etag: '0x1', bytes: 5 };
    expect(parseEvents(event())).toEqual([blob]);
    expect(parseEvents(JSON.stringify(event()))).toEqual([blob]);
    const { bytes: _, ...unsized } = blob;
    expect(parseEvents(event({ data: { eTag: '0x1' } }))).toEqual([unsized]);
    expect(parseEvents(event({ data: undefined }))).toEqual([{ ...unsized, etag: undefined }]);
    expect(parseEvents(event({ data: {} }))).toEqual([{ ...unsized, etag: undefined }]);
    expect(parseEvents(event({ data: { contentLength: 0 } }))[0]?.bytes).toBe(0);
  });

  test('is read by its names in CloudEvents, too, one or several at a time', () => {
    const { eventType: type, ...rest } = event();
    expect(parseEvents({ ...rest, type })).toHaveLength(1);
    expect(
      parseEvents([event(), event({ subject: '/blobServices/default/containers/inputimages/blobs/x' })]),
    ).toHaveLength(2);
    expect(parseEvents([])).toEqual([]);
  });

  test('of another type, or of another container, is none of ours', () => {
    expect(parseEvents(event({ eventType: 'Microsoft.Storage.BlobDeleted', subject: 'anything' }))).toEqual(
      [],
    );
    expect(parseEvents(event({ subject: '/blobServices/default/containers/faces/blobs/a.jpg' }))).toEqual([]);
    expect(parseEvents([event({ eventType: 'Other' }), event()])).toHaveLength(1);
  });

  test.each([
    [{}],
    [1],
    [{ subject: 'x' }],
    [event({ eventType: undefined })],
    [event({ subject: 1 })],
    [event({ subject: '/blobServices/default/containers/inputimages' })],
    [event({ subject: '/blobServices/default/containers/inputimages/blobs/' })],
    [[event(), {}]],
  ])('that is none is refused: %j', (value) => {
    expect(() => parseEvents(JSON.stringify(value))).toThrow(expect.objectContaining({ code: 'NotAnEvent' }));
  });

  test('that we send ourselves says the same as one of the service', () => {
    const blob = { name: 'b/ä.jpg', etag: '0x2', bytes: 7, url: 'http://x/b/%C3%A4.jpg' };
    const sent = blobCreatedEvent(blob, new Date(0));
    expect(parseEvents(sent)).toEqual([
      { container: 'inputimages', name: blob.name, etag: blob.etag, bytes: 7 },
    ]);
    expect(sent).toMatchObject({
      id: 'reconciled-0x2',
      eventTime: '1970-01-01T00:00:00.000Z',
      data: { url: blob.url },
    });
    expect(jobIdOf('inputimages', blob.name, blob.etag)).toMatch(/^[0-9a-f]{32}$/);
  });
});
