import { randomBytes } from 'node:crypto';

/** A message's place in its queue, as clients carry it about: when it is visible next, and a random number. */
interface Receipt {
  /** Milliseconds since 1970. */
  readonly visible: number;
  readonly token: number;
}

const pool = { bytes: randomBytes(0), at: 0 };

function random48(): number {
  if (pool.at >= pool.bytes.length) {
    pool.bytes = randomBytes(6 * 256);
    pool.at = 0;
  }
  pool.at += 6;
  return pool.bytes.readUIntBE(pool.at - 6, 6);
}

export const newReceipt = (visible: number): Receipt => ({ visible, token: random48() });

/** URL-safe, so that clients which forget to encode it work, too. */
export function encodeReceipt({ visible, token }: Receipt): string {
  const bytes = Buffer.allocUnsafe(12);
  bytes.writeUIntBE(visible, 0, 6);
  bytes.writeUIntBE(token, 6, 6);
  return bytes.toString('base64url');
}

/** @returns undefined for what is none */
export function decodeReceipt(text: string): Receipt | undefined {
  if (!/^[\w-]{16}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  return { visible: bytes.readUIntBE(0, 6), token: bytes.readUIntBE(6, 6) };
}

/** 80 random bits and the number of its row, in the form of a UUID. */
export const newNonce = (): string => {
  const [one, two] = [random48(), random48()];
  return one.toString(16).padStart(12, '0') + two.toString(16).padStart(12, '0').slice(0, 8);
};

export function encodeMessageId(nonce: string, seq: number): string {
  return `${nonce.slice(0, 8)}-${nonce.slice(8, 12)}-${nonce.slice(12, 16)}-${nonce.slice(16, 20)}-${seq
    .toString(16)
    .padStart(12, '0')}`;
}

/** @returns undefined for what is none */
export function decodeMessageId(text: string): { nonce: string; seq: number } | undefined {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return undefined;
  const hex = text.toLowerCase().replaceAll('-', '');
  return { nonce: hex.slice(0, 20), seq: Number.parseInt(hex.slice(20), 16) };
}
