import { PermanentError } from '../domain/errors.ts';
import { ContradictionError } from '../people/contradiction.ts';
import { UnknownEnquiryError } from '../people/enquiry/over.ts';
import {
  ChangedMeanwhileError,
  PeopleRefusedError,
  UnknownDecisionError,
  UnknownNodeError,
} from '../people/errors.ts';
import { CliError } from './errors.ts';

const IN_WORDS = [
  PermanentError,
  ContradictionError,
  UnknownEnquiryError,
  UnknownNodeError,
  UnknownDecisionError,
  ChangedMeanwhileError,
  PeopleRefusedError,
];

/** Does what may be refused; what was refused is told in its own words, which were written for people. */
export async function refusedInWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (IN_WORDS.some((one) => error instanceof one)) throw new CliError((error as Error).message);
    throw error;
  }
}
