import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { projectRoot } from '../support/project-root.ts';

/** A relative link of a document: where it leads, from the project's root, and the heading there. */
interface Link {
  readonly text: string;
  readonly path: string;
  readonly anchor: string | undefined;
}

/** Every document of the project by its path from the root, `/` between folders. */
export function allDocuments(): Map<string, string> {
  const below = readdirSync(join(projectRoot, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((name) => `docs/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.md') && !name.includes('/.vitepress/'));
  const beside = readdirSync(projectRoot).filter((name) => name.endsWith('.md'));
  return new Map([...beside, ...below].map((path) => [path, readFileSync(join(projectRoot, path), 'utf8')]));
}

/** Code is no prose: what looks like a link in it is none. */
const withoutCode = (markdown: string) =>
  markdown.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]*`/g, (code) => (code.includes('](') ? '' : code));

/** The links of a document to what is in the project, pictures included. */
export function linksOf(path: string, markdown: string): Link[] {
  return [...withoutCode(markdown).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((text) => {
      const [file = '', anchor] = text.split('#');
      const folder = dirname(path).replaceAll('\\', '/');
      return { text, path: file === '' ? path : posix.join(folder, file), anchor };
    });
}

/** The anchors of a document's headings, as GitHub makes them. */
export function anchorsOf(markdown: string): string[] {
  return [...withoutCode(markdown).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}
