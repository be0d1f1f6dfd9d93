/** Why a record of a PFIF file is refused, or a field of it left out: stable codes, and what they say to a person. */
export const PFIF_FAULTS = {
  NotWellFormed: 'is not well-formed XML',
  CutOff: 'is cut off: the file ends in the middle of it',
  TooLarge: 'is larger than one record may be',
  TooManyNotes: 'is one of more notes than can be held of one person',
  EntityNotAllowed: 'refers to an entity that XML itself does not define; none is ever expanded',
  UnknownRecord: 'is neither a person nor a note',
  Missing: 'lacks a field that PFIF requires',
  NotAllowed: 'has a value that PFIF does not allow',
  Repeated: 'has the same field more than once',
  NotText: 'has elements where PFIF has text',
  OtherPerson: 'stands inside a person, and names another one as its own',
} as const satisfies Record<string, string>;

export type PfifFault = keyof typeof PFIF_FAULTS;

/** The file as a whole cannot be read; what came before the fault has been given. */
export class PfifFileError extends Error {
  override readonly name = 'PfifFileError';
  readonly code: 'NotPfif' | 'DocumentType' | 'Encoding' | 'CutOff';

  constructor(code: PfifFileError['code'], message: string) {
    super(message);
    this.code = code;
  }
}
