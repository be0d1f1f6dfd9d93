import { useRef } from 'react';
import type { Pipeline } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { bytes } from '../../live/format.ts';
import { useResource } from '../../live/use-resource.ts';
import { Icon } from '../../parts/icon.tsx';
import { NeedsRole } from '../../parts/needs-role.tsx';
import { useDrop } from '../../parts/use-drop.ts';
import { strings } from '../../strings.ts';
import { chosenFiles, droppedFiles, type NamedFile } from './dropped-files.ts';

interface DropZoneProps {
  disabled: boolean;
  /** Once there is a list to look at. */
  small: boolean;
  /** @param maxBytes largest file that is taken; undefined while nobody knows */
  onFiles(files: NamedFile[], maxBytes: number | undefined): void;
  /** @param names of what was dropped and could not be read */
  onUnread(names: readonly string[]): void;
}

const text = strings.upload;

export function DropZone({ disabled, small, onFiles, onUnread }: DropZoneProps) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const { data } = useResource<Pipeline>(routes.pipeline);
  const drop = useDrop(disabled, async (transfer) => {
    const { files, unread } = await droppedFiles(transfer);
    onFiles(files, data?.maxImageBytes);
    if (unread.length > 0) onUnread(unread);
  });
  const chosen = (input: HTMLInputElement) => {
    onFiles(chosenFiles(input.files), data?.maxImageBytes);
    // The same file may be chosen again.
    input.value = '';
  };
  return (
    <section className="drop-zone" aria-label={text.drop} data-small={small || undefined} {...drop}>
      <Icon name="upload" />
      <p className="drop-title">{text.drop}</p>
      <p className="drop-choose">
        <span>{text.or}</span>
        <button
          type="button"
          className="button primary"
          disabled={disabled}
          onClick={() => files.current?.click()}
        >
          {text.files}
        </button>
        <button type="button" className="button" disabled={disabled} onClick={() => folder.current?.click()}>
          {text.folder}
        </button>
      </p>
      {!disabled && data !== undefined && <p className="hint">{text.formats(bytes(data.maxImageBytes))}</p>}
      <NeedsRole least="operator" />
      <input
        ref={files}
        type="file"
        multiple
        hidden
        accept="image/*"
        data-testid="files"
        onChange={(event) => chosen(event.target)}
      />
      <input
        ref={folder}
        type="file"
        multiple
        hidden
        {...{ webkitdirectory: '' }}
        onChange={(event) => chosen(event.target)}
      />
    </section>
  );
}
