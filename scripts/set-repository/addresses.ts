/** A public repository on GitHub. */
interface Repository {
  readonly owner: string;
  readonly name: string;
}

/** Stands in files until the repository has an address. */
export const PLACEHOLDER: Repository = { owner: '<owner>', name: '<repository>' };

/** @throws {Error} in a sentence, where the text is no `owner/name` that GitHub would take */
export function parseRepository(text: string): Repository {
  const [, owner, name] =
    /^(?:https:\/\/github\.com\/)?([A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?)\/([\w.-]{1,100}?)(?:\.git)?\/?$/.exec(
      text,
    ) ?? [];
  if (owner === undefined || name === undefined || /^\.+$/.test(name)) {
    throw new Error(`"${text}" is not an address such as owner/name on GitHub.`);
  }
  return { owner, name };
}

/**
 * Replaces every address of the repository in a text: in links to GitHub and to its raw files, plain or encoded as a part
 * of another link, in the image of its container registry, and in the `gh` command.
 */
export function readdress(text: string, from: Repository, to: Repository): string {
  const pairs: [string, string][] = [
    ...['https://github.com/', 'https://raw.githubusercontent.com/'].flatMap((host): [string, string][] => [
      [`${host}${path(from)}`, `${host}${path(to)}`],
      [encodeURIComponent(`${host}${path(from)}`), encodeURIComponent(`${host}${path(to)}`)],
    ]),
    // A registry takes lower case only; its image is named after the project, whatever the repository is called.
    [`ghcr.io/${from.owner.toLowerCase()}/imaginem`, `ghcr.io/${to.owner.toLowerCase()}/imaginem`],
    // The subject of a federated credential.
    [`repo:${path(from)}`, `repo:${path(to)}`],
    [`--repo ${path(from)}`, `--repo ${path(to)}`],
    [`--repo "${path(from)}"`, `--repo "${path(to)}"`],
  ];
  return pairs.reduce((whole, [old, now]) => replaceWhole(whole, old, now), text);
}

const path = ({ owner, name }: Repository): string => `${owner}/${name}`;

/** Not where the name goes on: `o/imaginem-data` is another repository than `o/imaginem`. */
function replaceWhole(text: string, old: string, now: string): string {
  const escaped = old.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return text.replace(new RegExp(`${escaped}(?![\\w-]|\\.(?!git\\b)\\w)`, 'g'), () => now);
}
