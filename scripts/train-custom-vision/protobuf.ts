/** The little of Protocol Buffers' wire format that an ONNX file needs. */

/** One field, encoded. */
export type Field = Buffer;

/** @param value not negative */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const tag = (number: number, type: number): Buffer => varint(number * 8 + type);

export const integer = (number: number, value: number): Field =>
  Buffer.concat([tag(number, VARINT), varint(value)]);

export function bytes(number: number, content: Uint8Array): Field {
  return Buffer.concat([tag(number, LENGTH_DELIMITED), varint(content.length), content]);
}

export const text = (number: number, value: string): Field => bytes(number, Buffer.from(value));

/** A message within a message. */
export const message = (number: number, ...fields: Field[]): Field => bytes(number, Buffer.concat(fields));
