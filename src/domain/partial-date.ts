/** A date as far as it is known: `1998`, `1998-07` or `1998-07-30`. */
export const PARTIAL_DATE = /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/;
