import { paths } from '../../routes.ts';
import { receipt } from '../erasures.ts';
import type { Operation } from '../operation.ts';
import * as people from '../people.ts';

/** Persons, and what people said of them. */
export const peopleOperations = {
  listPeople: {
    method: 'GET',
    path: paths.people,
    role: 'viewer',
    summary: 'Persons by name.',
    query: people.personQuery,
    answer: people.personPage,
  },
  makePerson: {
    method: 'POST',
    path: paths.people,
    role: 'caseworker',
    signedIn: true,
    summary: 'Makes a person, with or without faces.',
    body: people.personBody,
    answer: people.person,
    status: 201,
  },
  getPerson: {
    method: 'GET',
    path: paths.person,
    role: 'viewer',
    summary: 'One person.',
    answer: people.personDetail,
  },
  changePerson: {
    method: 'PUT',
    path: paths.person,
    role: 'caseworker',
    signedIn: true,
    summary: 'Changes what is known of a person.',
    body: people.personChange,
    answer: people.person,
  },
  erasePerson: {
    method: 'DELETE',
    path: paths.person,
    role: 'administrator',
    signedIn: true,
    summary: 'Erases a person and all that was decided about them, with a receipt; photographs stay.',
    answer: receipt,
  },
  decidePersonFace: {
    method: 'PUT',
    path: paths.personFace,
    role: 'caseworker',
    signedIn: true,
    summary: 'Says whether a face is this person.',
    body: people.personFaceBody,
    answer: people.logEntry.nullable(),
  },
  mergePerson: {
    method: 'POST',
    path: paths.personMerge,
    role: 'caseworker',
    signedIn: true,
    summary: 'Says that this person is another one: from then on both go by that one.',
    body: people.mergeBody,
    answer: people.logEntry,
  },
  listDecisions: {
    method: 'GET',
    path: paths.decisions,
    role: 'viewer',
    summary: 'What people decided, newest first.',
    query: people.decisionQuery,
    answer: people.decisionPage,
  },
  undoDecision: {
    method: 'POST',
    path: paths.decisionUndo,
    role: 'caseworker',
    signedIn: true,
    summary: 'Takes a decision back, as if it had never been; an undo, too.',
    body: people.undoDecisionBody,
    answer: people.logEntry,
  },
  undoDecisions: {
    method: 'POST',
    path: paths.decisionsUndo,
    role: 'caseworker',
    signedIn: true,
    summary: 'Takes several decisions back at once, all or none: what one act took, a split say.',
    body: people.undoDecisionsBody,
    answer: people.splitAnswer,
  },
} as const satisfies Record<string, Operation>;
