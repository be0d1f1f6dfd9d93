import { useRef } from 'react';

interface NewId {
  /** Another one where something else is said. */
  of(said?: string): string;
  /** It is made: what is said from now on makes another one, also in the same words. */
  used(): void;
}

/** The id of what is to be made: the same however often it is sent, for an answer may be lost. */
export function useNewId(): NewId {
  const last = useRef<{ said: string; id: string }>(undefined);
  return {
    of: (said = '') => {
      if (last.current?.said !== said) last.current = { said, id: newId() };
      return last.current.id;
    },
    used: () => {
      last.current = undefined;
    },
  };
}

/** A random UUID (RFC 9562, version 4); the browser's own is not there on a page without TLS. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
