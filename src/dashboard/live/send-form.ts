import { noteRefusal } from './client.ts';
import { untilSaved } from './unsaved.ts';

/** What came back; `status` is 0 where nothing did. */
interface FormAnswer<T> {
  status: number;
  /** Null where the answer was no JSON. */
  json: T | null;
}

/** Sends a form, by XMLHttpRequest, for fetch does not tell how much has been sent. Never fails. */
export function sendForm<T>(
  method: 'POST' | 'PUT',
  path: string,
  form: FormData,
  onProgress: (part: number) => void,
): Promise<FormAnswer<T>> {
  const { promise, resolve } = Promise.withResolvers<FormAnswer<T>>();
  const request = new XMLHttpRequest();
  request.open(method, path);
  request.responseType = 'json';
  request.upload.addEventListener('progress', ({ loaded, total }) => {
    if (total > 0) onProgress(loaded / total);
  });
  request.addEventListener('error', () => resolve({ status: 0, json: null }));
  request.addEventListener('load', () => {
    noteRefusal(request.status);
    resolve({ status: request.status, json: request.response as T | null });
  });
  // How long it takes to send is told meanwhile.
  request.upload.addEventListener('load', () => void untilSaved(promise));
  request.send(form);
  return promise;
}
