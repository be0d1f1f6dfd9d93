import { useEffect, useRef, useState } from 'react';
import type { FaceSearchAnswer } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { type ApiError, call } from '../../live/client.ts';

interface FaceSearch {
  /** Address of the chosen photograph within this page; undefined before one is chosen. */
  photograph: string | undefined;
  /** Undefined while it is looked for, and where that failed. */
  answer: FaceSearchAnswer | undefined;
  error: ApiError | undefined;
  /** The image here that the photograph was cut out of; undefined where it came from outside. */
  own: string | undefined;
  search(file: File, own?: string): void;
  again(): void;
}

/** Looks for the faces of one photograph at a time; a newer one takes the place of the one that is looked for. */
export function useFaceSearch(): FaceSearch {
  const [chosen, setChosen] = useState<{ file: File; own?: string | undefined }>();
  const file = chosen?.file;
  const [photograph, setPhotograph] = useState<string>();
  const [answer, setAnswer] = useState<FaceSearchAnswer>();
  const [error, setError] = useState<ApiError>();
  const asking = useRef<AbortController>(undefined);

  useEffect(() => {
    if (file === undefined) return;
    const address = URL.createObjectURL(file);
    setPhotograph(address);
    return () => URL.revokeObjectURL(address);
  }, [file]);
  useEffect(() => () => asking.current?.abort(), []);

  const search = (file: File, own?: string) => {
    asking.current?.abort();
    const abort = new AbortController();
    asking.current = abort;
    setChosen({ file, own });
    setAnswer(undefined);
    setError(undefined);
    const body = new FormData();
    body.append('file', file);
    call(routes.faceSearch, { method: 'POST', body, signal: abort.signal })
      .then((response) => response.json() as Promise<FaceSearchAnswer>)
      .then(
        (found) => {
          if (!abort.signal.aborted) setAnswer(found);
        },
        (problem: ApiError) => {
          if (!abort.signal.aborted) setError(problem);
        },
      );
  };
  return {
    photograph,
    answer,
    error,
    own: chosen?.own,
    search,
    again: () => chosen !== undefined && search(chosen.file, chosen.own),
  };
}
