/** Names of files are bytes: old archives and disks have them in the encoding of their own time. */
export interface FileName {
  /** As it can be shown and stored. */
  text: string;
  /** The bytes, percent-encoded where they are no plain ASCII; absent where they are UTF-8, as they should be. */
  original?: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Every byte is a letter in it, and most old names of the west were written in it or in a part of it. */
const old = new TextDecoder('windows-1252');

export function readFileName(bytes: Buffer): FileName {
  try {
    return { text: utf8.decode(bytes) };
  } catch {
    const original = [...bytes]
      .map((byte) => (byte > 0x20 && byte < 0x7f && byte !== 0x25 ? String.fromCharCode(byte) : hex(byte)))
      .join('');
    return { text: old.decode(bytes), original };
  }
}

const hex = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
