import type { Script } from './language-data.ts';
import type { Foreign, ForeignLine } from './line-writing.ts';
import type { OrientedBox } from './oriented-box.ts';
import type { Pixels } from './pixels.ts';
import { OTHER_SCRIPTS } from './script-probe.ts';
import type { ScriptLine, ScriptReader } from './script-reader.ts';

/** A line that was found and not read. */
export interface UnreadLine {
  box: OrientedBox;
  /** Left out where it is not known which of several it is. */
  script?: Script;
}

/** Reads what the recogniser does not know by the data that this machine has; what none reads is told, not guessed. */
export async function readForeign(
  reader: ScriptReader,
  image: Pixels,
  foreign: readonly ForeignLine[],
): Promise<{ lines: ScriptLine[]; unread: UnreadLine[] }> {
  const lines: ScriptLine[] = [];
  const unread: UnreadLine[] = [];
  for (const [writing, members] of Map.groupBy(foreign, (line) => line.writing)) {
    const boxes = members.map(({ box }) => box);
    const read = await reader.readAll(image, boxes, scriptsOf(writing));
    const script = writing === 'Other' ? {} : { script: writing };
    for (const [i, { box, certain }] of members.entries()) {
      const line = read[i];
      if (line !== undefined) lines.push(line);
      // What merely stood beside such lines, and no data reads, may be no text at all.
      else if (certain) unread.push({ box, ...script });
    }
  }
  return { lines, unread };
}

/** Arabic leaves so few letters behind that the probe takes it for others now and then, and others for it. */
function scriptsOf(writing: Foreign): readonly Script[] {
  if (writing === 'Other') return [...OTHER_SCRIPTS, 'Arabic'];
  return writing === 'Arabic' ? ['Arabic', ...OTHER_SCRIPTS] : [writing];
}
