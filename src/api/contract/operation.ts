import type { z } from 'zod';
import type { Role } from './common.ts';

/** What an operation takes or gives besides JSON. */
export interface Binary {
  readonly contentTypes: readonly string[];
  readonly description: string;
}

export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Template as the Functions host has it, without a slash in front. */
  readonly path: string;
  readonly summary: string;
  /** The least role that may call it. */
  readonly role: Role;
  /** Whether only a person may call it: no function key. */
  readonly signedIn?: boolean;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType | Binary;
  /** Largest JSON body, in characters, where it is another than for most. */
  readonly maxJson?: number;
  readonly answer: z.ZodType | Binary | null;
  /** 200 where not given; 204 where `answer` is null. */
  readonly status?: number;
}

export const picture: Binary = {
  contentTypes: ['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/bmp'],
  description: 'With an ETag',
};
export const files: Binary = { contentTypes: ['multipart/form-data'], description: 'One or more files' };
