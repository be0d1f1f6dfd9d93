import type { Settings } from '../domain/settings.ts';

/**
 * The largest body that the Functions host hands on, in bytes: 100 MiB. It answers a larger one itself, with 500 and an
 * empty body, before any of our code runs; the limit is not an app's to set. Source: Azure Functions, HTTP trigger limits.
 */
const MAX_REQUEST_BYTES = 104_857_600;

/** What a form of one file has around it: boundaries, headers, a long name. */
const FORM_BYTES = 65_536;

/** The largest file that one request can bring, in bytes; a larger one comes in blocks. */
export const maxUploadBytes = ({ MAX_IMAGE_BYTES }: Pick<Settings, 'MAX_IMAGE_BYTES'>): number =>
  Math.min(MAX_IMAGE_BYTES, MAX_REQUEST_BYTES - FORM_BYTES);
