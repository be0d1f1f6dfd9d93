import { createStore, useStore } from './store.ts';

/** Where the page is: `#/images?tag=person` is `{ path: ['images'], search }`. */
interface Place {
  path: readonly string[];
  search: URLSearchParams;
}

function read(): Place {
  const [path = '', search = ''] = location.hash.replace(/^#\/?/, '').split('?', 2);
  return {
    path: path
      .split('/')
      .filter((part) => part !== '')
      .map(decodePart),
    search: new URLSearchParams(search),
  };
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const place = createStore(read());
/** The view before this one; from photograph to photograph it stays. */
let before: readonly string[] = [];

const isImage = (path: readonly string[]): boolean => path[0] === 'images' && path.length === 2;

function follow(): void {
  const next = read();
  const now = place.get().path;
  if (!(isImage(now) && isImage(next.path))) before = now;
  place.set(next);
}
window.addEventListener('hashchange', follow);

/** Whether the grid is what "back" leads to. */
export const cameFromGrid = (): boolean => before[0] === 'images' && before.length === 1;

export const usePlace = (): Place => useStore(place);

/** The address of a view, for a link. */
export function href(path: readonly string[], search?: URLSearchParams): string {
  const query = search?.toString() ?? '';
  return `#/${path.map(encodeURIComponent).join('/')}${query === '' ? '' : `?${query}`}`;
}

export const imageHref = (id: string): string => href(['images', id]);

/** @param replace instead of a new entry in the history, as while typing */
export function go(to: string, replace = false): void {
  if (replace) history.replaceState(history.state, '', to);
  else history.pushState(null, '', to);
  follow();
}
