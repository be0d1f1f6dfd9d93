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

/** A field as it stands in a message: a whole number, or bytes (of a message, a text, or a number of fixed size). */
export type ReadField = { number: number; value: bigint | Buffer };

/** The fields of a message, in the order in which they stand. */
export function readFields(content: Buffer): ReadField[] {
  const fields: ReadField[] = [];
  let at = 0;
  const readVarint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = content.readUInt8(at++);
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < content.length) {
    const tag = Number(readVarint());
    const [number, type] = [Math.floor(tag / 8), tag % 8];
    if (type === VARINT) fields.push({ number, value: readVarint() });
    else {
      const length = type === LENGTH_DELIMITED ? Number(readVarint()) : type === FIXED_32 ? 4 : 8;
      fields.push({ number, value: content.subarray(at, at + length) });
      at += length;
    }
  }
  return fields;
}
