/** Orders of the collation that the service sorts header names by; hyphens count only between names equal without. */
const ORDER = '!#$%&*.^_`|~+0123456789abcdefghijklmnopqrstuvwxyz';
const WEIGHTS = new Map([...ORDER].map((character, index) => [character, index]));

/** Compares header names in lower case as the service, and with it @azure/storage-common, does. */
export function compareHeaderNames(one: string, other: string): number {
  const [left, right] = [one.replaceAll('-', ''), other.replaceAll('-', '')];
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const difference = weight(left, index) - weight(right, index);
    if (difference !== 0) return difference;
  }
  if (left.length !== right.length) return left.length - right.length;
  for (let index = 0; index < one.length; index += 1) {
    if (one[index] === other[index]) continue;
    return one[index] === '-' ? 1 : -1;
  }
  return 0;
}

const weight = (text: string, index: number): number => WEIGHTS.get(text.charAt(index)) ?? -1;
