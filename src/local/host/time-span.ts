/** `[-][d.]hh:mm[:ss[.fffffff]]`, or whole days, as .NET writes a time span. */
const TIME_SPAN =
  /^(?:(?<days>\d+)\.)?(?<hours>\d{1,2}):(?<minutes>\d{1,2})(?::(?<seconds>\d{1,2}(?:\.\d{1,7})?))?$/;

/** Milliseconds of a time span such as `00:00:30` or `1.00:00:00`; undefined for anything else, negative ones included. */
export function parseTimeSpan(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * 86_400_000;
  const groups = TIME_SPAN.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const [days, hours, minutes, seconds] = ['days', 'hours', 'minutes', 'seconds'].map((part) =>
    Number(groups[part] ?? 0),
  ) as [number, number, number, number];
  if (hours > 23 || minutes > 59 || seconds >= 60) return undefined;
  return Math.round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000);
}
