import { readdirSync, readFileSync } from 'node:fs';

/** A process as Linux shows it under /proc. */
export interface ProcessFacts {
  pid: number;
  parent: number;
  command: string[];
  /** Processor time used so far, user and system, in seconds. */
  cpuSeconds: number;
  /** Peak of resident memory so far, in MB (10^6 bytes). */
  peakMb: number;
  /** Resident memory now, in MB. */
  residentMb: number;
}

/** USER_HZ, in which /proc counts: 100 on every Linux that Node runs on (proc(5), sysconf(3)). */
const TICKS_PER_SECOND = 100;

/** @returns undefined where there is no such process (any more) */
export function readProcess(pid: number): ProcessFacts | undefined {
  try {
    const { parent, cpuSeconds } = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const memory = { peakMb: parsePeak(status), residentMb: parseMegabytes(status, 'VmRSS') };
    return { pid, parent, command, cpuSeconds, ...memory };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}

/** All processes started by `pid` and, in turn, by those. @throws where there is no /proc */
export function descendants(pid: number): ProcessFacts[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
  const found: ProcessFacts[] = [];
  const open = [pid];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const children = all.filter(({ parent }) => parent === next);
    found.push(...children);
    open.push(...children.map((child) => child.pid));
  }
  return found;
}

/** @param stat the one line of /proc/PID/stat; the name, second, may hold anything, parentheses too */
export function parseStat(stat: string): { parent: number; cpuSeconds: number } {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // proc(5): ppid is field 4, utime 14, stime 15; these start at field 3.
  const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number);
  return { parent: parent ?? 0, cpuSeconds: ((user ?? 0) + (system ?? 0)) / TICKS_PER_SECOND };
}

/** @param status the text of /proc/PID/status; a zombie has no memory any more */
export const parsePeak = (status: string): number => parseMegabytes(status, 'VmHWM');

function parseMegabytes(status: string, name: string): number {
  const [, kilobytes = '0'] = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status) ?? [];
  return (Number(kilobytes) * 1024) / 1e6;
}
