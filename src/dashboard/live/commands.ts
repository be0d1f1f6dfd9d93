import { useEffect, useLayoutEffect, useRef } from 'react';

/** What can be done from the palette. */
interface Command {
  label: string;
  /** The key that does the same. */
  key?: string;
  run(): void;
}

interface Registered {
  group: string;
  now(): readonly Command[];
}

const registered = new Set<Registered>();

/** Offers commands in the palette (Ctrl K) while a view is shown. */
export function useCommands(group: string, commands: readonly Command[]): void {
  const latest = useRef(commands);
  useLayoutEffect(() => {
    latest.current = commands;
  });
  useEffect(() => {
    const own: Registered = { group, now: () => latest.current };
    registered.add(own);
    return () => void registered.delete(own);
  }, [group]);
}

/** Those of the view that is shown first. */
export const commandGroups = (): { group: string; commands: readonly Command[] }[] =>
  [...registered]
    .reverse()
    .map(({ group, now }) => ({ group, commands: now() }))
    .filter(({ commands }) => commands.length > 0);
