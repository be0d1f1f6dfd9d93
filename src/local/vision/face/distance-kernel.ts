import { DIMENSIONS } from './faceprint-index.ts';

/** The part of the WebAssembly API that is used: its types belong to browsers, which the compiler is not told of. */
interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
declare const WebAssembly: {
  Memory: new (limits: { initial: number; maximum: number }) => WasmMemory;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: Record<string, unknown> };
};

/** Bytes of a page, in which memory grows. */
export const PAGE = 65_536;

/** Four gigabytes: all that 32 bits address. */
export const newMemory = (): WasmMemory => new WebAssembly.Memory({ initial: 1, maximum: 65_536 });

/**
 * Squared distances of one faceprint to many, each of 128 signed bytes, in WebAssembly's SIMD: at the speed of memory
 * on every processor, which plain JavaScript is ten times away from. The module is one loop and is put together here:
 *
 *     scan(rows, count, query, out): out[i] = sum over d of (rows[i][d] - query[d])²
 */
export type Scan = (rows: number, count: number, query: number, out: number) => void;

/** @param memory holds rows, query (aligned by 16) and out, at the addresses given to the scan */
export function createScan(memory: WasmMemory): Scan {
  const module = new WebAssembly.Module(MODULE);
  return new WebAssembly.Instance(module, { host: { memory } }).exports.scan as Scan;
}

const [I32, V128] = [0x7f, 0x7b];
const ROWS = 0;
const COUNT = 1;
const QUERY = 2;
const OUT = 3;
const END = 4;
const FIRST_VECTOR = 5;
const PARTS = DIMENSIONS / 8;
const SUM = FIRST_VECTOR + PARTS;
const DIFFERENCE = SUM + 1;

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest >>= 7) bytes.push((rest & 127) | 128);
  return [...bytes, rest];
}

/** Below 64, so that one byte holds it with its sign. */
const i32Const = (value: number): number[] =>
  value < 64 ? [0x41, value] : [0x41, (value & 127) | 128, value >> 7];
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const simd = (code: number, ...immediate: number[]): number[] => [0xfd, ...unsigned(code), ...immediate];
/** Sixteen bytes at a local's address and an offset. */
const load = (address: number, offset: number): number[] => [
  ...get(address),
  ...simd(0, 0, ...unsigned(offset)),
];
const EXTEND = [simd(0x87), simd(0x88)];
const SUBTRACT = simd(0x91);
const ADD_LANES = simd(0xae);
const DOT = simd(0xba);
const lane = (index: number): number[] => simd(0x1b, index);
const [I32_ADD, I32_SHIFT_LEFT, I32_LESS] = [0x6a, 0x74, 0x49];
const STORE = [0x36, 2, 0];

const parts = Array.from({ length: PARTS }, (_, part) => part);
/** The query, widened once to sixteen registers of eight. */
const widenQuery = parts.flatMap((part) => [
  ...load(QUERY, (part >> 1) * 16),
  ...(EXTEND[part & 1] as number[]),
  ...set(FIRST_VECTOR + part),
]);
const oneRow = [
  ...simd(0x0c, ...new Array<number>(16).fill(0)),
  ...set(SUM),
  ...parts.flatMap((part) => [
    ...load(ROWS, (part >> 1) * 16),
    ...(EXTEND[part & 1] as number[]),
    ...get(FIRST_VECTOR + part),
    ...SUBTRACT,
    ...set(DIFFERENCE),
    ...get(DIFFERENCE),
    ...get(DIFFERENCE),
    ...DOT,
    ...get(SUM),
    ...ADD_LANES,
    ...set(SUM),
  ]),
  ...get(OUT),
  ...[0, 1, 2, 3].flatMap((index) => [...get(SUM), ...lane(index)]),
  ...[I32_ADD, I32_ADD, I32_ADD],
  ...STORE,
];
const advance = (local: number, by: number): number[] => [
  ...get(local),
  ...i32Const(by),
  I32_ADD,
  ...set(local),
];
const body = [
  // Locals: the end, sixteen vectors of the query, the sum and a difference.
  ...[2, 1, I32, PARTS + 2, V128],
  ...widenQuery,
  ...[...get(OUT), ...get(COUNT), ...i32Const(2), I32_SHIFT_LEFT, I32_ADD, ...set(END)],
  ...[0x02, 0x40],
  // Nothing to do where there are no rows.
  ...[...get(COUNT), 0x45, 0x0d, 0],
  ...[0x03, 0x40],
  ...oneRow,
  ...advance(ROWS, DIMENSIONS),
  ...advance(OUT, 4),
  ...[...get(OUT), ...get(END), I32_LESS, 0x0d, 0],
  ...[0x0b, 0x0b, 0x0b],
];
const text = (value: string): number[] => [value.length, ...Buffer.from(value)];
const section = (id: number, content: number[]): number[] => [id, ...unsigned(content.length), ...content];
const MODULE = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, [1, 0x60, 4, I32, I32, I32, I32, 0]),
  ...section(2, [1, ...text('host'), ...text('memory'), 2, 0, 0]),
  ...section(3, [1, 0]),
  ...section(7, [1, ...text('scan'), 0, 0]),
  ...section(10, [1, ...unsigned(body.length), ...body]),
]);
