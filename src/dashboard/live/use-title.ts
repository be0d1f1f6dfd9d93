import { useEffect } from 'react';
import { strings } from '../strings.ts';

/** Says in the tab where one is. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title === undefined ? strings.appName : `${title} · ${strings.appName}`;
  }, [title]);
}
