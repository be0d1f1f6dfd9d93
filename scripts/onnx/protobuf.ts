/** The little of Protocol Buffers' wire format that an ONNX file needs. */

/** One field, encoded. */
export type Field = Buffer;

/** Negative numbers are written as 64-bit two's complement, as int64 fields want them. */
function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest >= 128n) {
    bytes.push(Number(rest & 127n) + 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;
const tag = (number: number, type: number): Buffer => varint(number * 8 + type);

export const integer = (number: number, value: number): Field =>
  Buffer.concat([tag(number, VARINT), varint(value)]);

export function float(number: number, value: number): Field {
  const content = Buffer.alloc(4);
  content.writeFloatLE(value);
  return Buffer.concat([tag(number, FIXED_32), content]);
}

export function bytes(number: number, content: Uint8Array): Field {
  return Buffer.concat([tag(number, LENGTH_DELIMITED), varint(content.length), content]);
}

export const text = (number: number, value: string): Field => bytes(number, Buffer.from(value));

/** A message within a message. */
export const message = (number: number, ...fields: Field[]): Field => bytes(number, Buffer.concat(fields));
