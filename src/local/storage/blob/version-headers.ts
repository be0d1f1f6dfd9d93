import { httpDate } from '../http/date.ts';
import type { Version } from './conditions.ts';

export const versionHeaders = ({ etag, modified }: Version): { etag: string; 'last-modified': string } => ({
  etag: `"${etag}"`,
  'last-modified': httpDate(modified),
});
