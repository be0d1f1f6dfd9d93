import { PLACEHOLDER, parseRepository, readdress } from './addresses.ts';

/** Files that name the repository's address. */
const FILES = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'docs/deploy.md',
  'docs/self-hosting.md',
  'deploy/compose.yaml',
  'deploy/kubernetes/imaginem.yaml',
] as const;

interface Disk {
  /** Undefined where there is no such file. */
  read(file: string): Promise<string | undefined>;
  write(file: string, text: string): Promise<void>;
}

/** @returns the files that were changed @throws {Error} on an address that is none */
export async function setRepository(address: string, disk: Disk): Promise<string[]> {
  const to = parseRepository(address);
  const url = `https://github.com/${to.owner}/${to.name}`;
  const manifest = JSON.parse((await disk.read('package.json')) ?? '{}') as Record<string, unknown>;
  const before = (manifest.repository as { url?: string } | undefined)?.url?.replace(/^git\+/, '');
  const from = before === undefined ? PLACEHOLDER : parseRepository(before);
  const changed: string[] = [];
  const write = async (file: string, text: string, now: string) => {
    if (text === now) return;
    await disk.write(file, now);
    changed.push(file);
  };
  for (const file of FILES) {
    const text = await disk.read(file);
    if (text === undefined) continue;
    const now = readdress(readdress(text, PLACEHOLDER, to), from, to);
    await write(file, text, withoutPlea(now));
  }
  const now = {
    ...manifest,
    repository: { type: 'git', url: `git+${url}.git` },
    homepage: `${url}#readme`,
    bugs: `${url}/issues`,
  };
  await write('package.json', JSON.stringify(manifest), JSON.stringify(now));
  if (changed.at(-1) === 'package.json')
    await disk.write('package.json', `${JSON.stringify(now, null, 2)}\n`);
  return changed;
}

/** What asks for the address is not true any more once it is there: it stands between two comments. */
const withoutPlea = (text: string): string =>
  text.replace(/<!-- no repository yet -->[\s\S]*?<!-- \/no repository yet -->\n*/g, '');
