import { useEffect, useState } from 'react';

const TYPING_MS = 200;

/** What was typed, once nobody types any more: not every letter is a question to the server. */
export function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPING_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
