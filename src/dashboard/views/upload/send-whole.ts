import type { Problem, UploadAnswer } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { query } from '../../live/client.ts';
import { sendForm } from '../../live/send-form.ts';
import { strings } from '../../strings.ts';

export interface Sending {
  file: File;
  name: string;
  batch: string;
}

export interface Taken {
  id: string | null;
  batchId: string;
}

/**
 * Sends a file in one request.
 *
 * @param onProgress 0 to 1
 * @throws {Error} that says why it was not taken
 */
export async function sendWhole(
  { file, name, batch }: Sending,
  onProgress: (part: number) => void,
): Promise<Taken> {
  const form = new FormData();
  form.append('file', file, name);
  const { status, json } = await sendForm<Partial<UploadAnswer & Problem>>(
    'POST',
    routes.uploads + query({ batch }),
    form,
    onProgress,
  );
  if (status === 0) throw new Error(strings.upload.broken);
  const one = json?.files?.[0];
  if (one?.accepted && json?.batchId !== undefined) return { id: one.id, batchId: json.batchId };
  throw new Error(one?.problem?.detail ?? json?.detail ?? `${strings.common.somethingWrong} (${status})`);
}
