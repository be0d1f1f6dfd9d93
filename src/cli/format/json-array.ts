import type { Screen } from './screen.ts';

/** Prints a JSON array element by element, so that any number of rows needs the memory of one page. */
export async function jsonArray<T>(
  items: AsyncIterable<T> | Iterable<T>,
  toJson: (item: T) => unknown,
  screen: Screen,
): Promise<void> {
  let held: string | undefined;
  screen.line('[');
  for await (const item of items) {
    if (held !== undefined) screen.line(`${held},`);
    held = JSON.stringify(toJson(item));
  }
  if (held !== undefined) screen.line(held);
  screen.line(']');
}
