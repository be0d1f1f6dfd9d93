import type { Node } from './node.ts';

/** There is no such face or person. */
export class UnknownNodeError extends Error {
  override readonly name = 'UnknownNodeError';
  readonly nodes: readonly Node[];

  constructor(nodes: readonly Node[], message?: string) {
    super(message ?? 'There is no such face or person: it may have been erased, or its photograph replaced.');
    this.nodes = nodes;
  }
}

export class UnknownDecisionError extends Error {
  override readonly name = 'UnknownDecisionError';

  constructor(id: string) {
    super(`There is no decision ${id}, or what it was about has been erased.`);
  }
}

/** Somebody else changed it meanwhile: a person, or what was said of two faces. */
export class ChangedMeanwhileError extends Error {
  override readonly name = 'ChangedMeanwhileError';

  constructor(message = 'Somebody has changed this since you read it: read it again, then change it.') {
    super(message);
  }
}

/** What was asked for cannot be done, in a sentence that says why. */
export class PeopleRefusedError extends Error {
  override readonly name = 'PeopleRefusedError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
