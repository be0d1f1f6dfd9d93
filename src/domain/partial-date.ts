const FORM = /^(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?$/;

/** Whether it is a date as far as it is known, of a day that there is: `1998`, `1998-07` or `1998-07-30`. */
export function isPartialDate(text: string): boolean {
  const [, year, month, day] = FORM.exec(text) ?? [];
  if (day === undefined) return year !== undefined;
  // The last day of the month: the one before the first of the next.
  return Number(day) <= new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
}
