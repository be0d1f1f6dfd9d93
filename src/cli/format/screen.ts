import { once } from 'node:events';
import { MultiBar, Presets } from 'cli-progress';

/** Where a command speaks to a person: lines, and at a terminal a progress bar below them. */
export interface Screen {
  line(text?: string): void;
  /** Writes many lines at once. @returns once whoever reads them has room for more: nothing piles up in memory */
  lines(text: string): Promise<void>;
  /** Begins a bar, or a new one in place of the last; shows nothing where there is no terminal. */
  progress(title: string, total: number): Progress;
  /** Takes away a bar that is left. */
  close(): void;
}

interface Progress {
  /** @param done out of the total */
  at(done: number): void;
  end(): void;
}

/** @param stream control characters are only ever written to a terminal */
export function openScreen(stream: NodeJS.WriteStream = process.stdout): Screen {
  let bars: MultiBar | undefined;
  const plain = stream.isTTY !== true;
  return {
    line(text = '') {
      if (bars) bars.log(`${text}\n`);
      else stream.write(`${text}\n`);
    },
    async lines(text) {
      if (bars) bars.log(text);
      else if (!stream.write(text)) await once(stream, 'drain');
    },
    close() {
      bars?.stop();
      bars = undefined;
    },
    progress(title, total) {
      bars?.stop();
      bars = undefined;
      if (plain || total === 0) return { at() {}, end() {} };
      const opened = new MultiBar(
        {
          stream,
          format: `{title} {bar} {value}/{total} {eta_formatted}`,
          clearOnComplete: true,
          hideCursor: true,
        },
        Presets.shades_classic,
      );
      const bar = opened.create(total, 0, { title });
      bars = opened;
      return {
        at: (done) => bar.update(done),
        end: () => {
          opened.stop();
          if (bars === opened) bars = undefined;
        },
      };
    },
  };
}
