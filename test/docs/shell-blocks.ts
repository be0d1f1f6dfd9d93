/** One command of a document: its words, without quotes; `$(...)` inside it is a command of its own. */
export interface Command {
  readonly words: readonly string[];
  readonly text: string;
}

/** The bodies of all ```sh blocks of a Markdown text. */
export function shellBlocks(markdown: string): string[] {
  return [...markdown.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, body = '']) => body);
}

/** The part of a Markdown text below a heading, up to the next of its level. */
export function section(markdown: string, heading: string): string {
  const [level = '#'] = /^#+/.exec(heading) ?? [];
  const from = markdown.indexOf(`\n${heading}\n`);
  if (from < 0) throw new Error(`There is no heading "${heading}".`);
  const rest = markdown.slice(from + heading.length + 2);
  const next = rest.search(new RegExp(`^#{1,${level.length}} `, 'm'));
  return next < 0 ? rest : rest.slice(0, next);
}

/** The simple commands of a block: comments, assignments in front and redirections are left out. */
export function commandsOf(block: string): Command[] {
  const lines = block.replaceAll('\\\n', ' ').split('\n');
  return lines.flatMap((line) => {
    const nested = [...line.matchAll(/\$\(([^()]*)\)/g)].map(([, inner = '']) => inner);
    const outer = line.replace(/\$\([^()]*\)/g, 'SUBSTITUTED');
    return [...outer.split(/\s(?:&&|\|\||\||;)\s/), ...nested].flatMap((text) => {
      const words = wordsOf(text);
      while (words[0] !== undefined && /^\w+=/.test(words[0])) words.shift();
      return words.length === 0 ? [] : [{ words, text: text.trim() }];
    });
  });
}

function wordsOf(text: string): string[] {
  const withoutComment = text.replace(/(^|\s)#.*$/, '');
  return [...withoutComment.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) =>
    word.replace(/["']/g, ''),
  );
}
