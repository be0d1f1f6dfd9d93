import { raw, type Sql } from '../database/sql.ts';

/**
 * That a pair is no enquiry's, asked of pairs that another condition finds. A sum, for no index answers it: SQLite keeps no
 * figures of its tables, and of `enquiry = 0` beside a list of images it takes the index of undecided pairs, and with it
 * every pair there is.
 *
 * @param alias of `face_match` in the statement
 */
export const isNoEnquirys = (alias: string): Sql => raw(`${alias}.enquiry + 0 = 0`);
