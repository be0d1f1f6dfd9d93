import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Edit, mutators } from './mutators.ts';
import { type Node, parse, walk } from './syntax.ts';

/** A fault that can be planted in a file. */
export interface Mutant extends Edit {
  /** Path from the project's root. */
  readonly file: string;
  readonly kind: string;
  /** From 1. */
  readonly line: number;
  /** The function it stands in. */
  readonly within: string;
  /** What stood there. */
  readonly was: string;
  /** The same as long as the fault is, wherever its lines have moved to. */
  readonly id: string;
}

/** Every fault that can be planted in a file. */
export function mutantsOf(file: string, source = readFileSync(file, 'utf8')): Mutant[] {
  const found: Mutant[] = [];
  const seen = new Map<string, number>();
  walk(parse(file, source), (node, parents) => {
    if (parents.some(({ type }) => type === 'ImportDeclaration')) return;
    for (const [kind, mutate] of Object.entries(mutators)) {
      for (const edit of mutate(node, parents, source)) {
        if (isInTalk(parents, source)) continue;
        const within = nameOf(parents);
        const was = source.slice(edit.start, edit.end);
        const key = [file, within, kind, was, edit.text].join('\n');
        const nth = seen.get(key) ?? 0;
        seen.set(key, nth + 1);
        const id = createHash('sha256').update(`${key}\n${nth}`).digest('hex').slice(0, 12);
        const line = source.slice(0, edit.start).split('\n').length;
        found.push({ ...edit, file, kind, line, within, was, id });
      }
    }
  });
  return found;
}

export const planted = (source: string, { start, end, text }: Edit): string =>
  source.slice(0, start) + text + source.slice(end);

/** Within a line of a log. */
const isInTalk = (parents: readonly Node[], source: string): boolean =>
  parents.some(
    ({ type, callee }) =>
      type === 'CallExpression' &&
      /\blog\??\.(info|warn|error)$/.test(source.slice(callee.start, callee.end)),
  );

function nameOf(parents: readonly Node[]): string {
  const names = parents.flatMap(({ type, id, key }) => {
    if (/^(Function|Class)Declaration$|^VariableDeclarator$/.test(type)) return [String(id?.name ?? '')];
    if (/^(MethodDefinition|PropertyDefinition)$/.test(type))
      return [`${key.type === 'PrivateIdentifier' ? '#' : ''}${key.name}`];
    return [];
  });
  return names
    .filter((name) => name !== '')
    .slice(0, 2)
    .join('.');
}
