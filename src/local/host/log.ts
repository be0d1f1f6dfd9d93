import type { LogCategory, LogLevel } from './app/core-api.ts';

const LEVELS: readonly LogLevel[] = ['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none'];

interface LogLine {
  level: LogLevel;
  category: LogCategory;
  message: string;
  /** Absent where the host itself speaks. */
  function?: string;
  invocationId?: string;
}

export interface HostLog {
  write(line: LogLine): void;
  /** A line of the host itself, or about one function. */
  system(level: LogLevel, message: string, functionName?: string): void;
}

interface LogOptions {
  /** Lines below it are left out. */
  readonly level: LogLevel;
  /** For people at a terminal; otherwise one JSON object a line. */
  readonly pretty: boolean;
  /** Takes one finished line, without its end. */
  write(line: string): void;
}

/** Any spelling of a level that host.json allows, or undefined. */
export function parseLogLevel(text: string): LogLevel | undefined {
  return LEVELS.find((level) => level === text.toLowerCase());
}

/** The log of the host and of the app's `context.log`: JSON lines `{ level, category, function, invocationId, message }`. */
export function createLog({ level: least, pretty, write }: LogOptions): HostLog {
  const threshold = LEVELS.indexOf(least);
  const log: HostLog = {
    write(line) {
      if (line.level === 'none' || LEVELS.indexOf(line.level) < threshold) return;
      write(pretty ? toPretty(line) : JSON.stringify(line));
    },
    system(level, message, functionName) {
      log.write({
        level,
        category: 'system',
        message,
        ...(functionName === undefined ? {} : { function: functionName }),
      });
    },
  };
  return log;
}

function toPretty({ level, function: name = 'host', message }: LogLine): string {
  return `${level.padEnd(11)} ${name}: ${message}`;
}
