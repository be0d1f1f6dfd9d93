import { paths } from '../../routes.ts';
import * as faces from '../faces.ts';
import { files, type Operation, picture } from '../operation.ts';
import * as people from '../people.ts';

/** Faces, their possible matches, and the groups they make. */
export const facesOperations = {
  faceCrop: {
    method: 'GET',
    path: paths.faceCrop,
    role: 'viewer',
    summary: 'The face, cut out.',
    answer: { ...picture, contentTypes: ['image/jpeg'] },
  },
  faceMatches: {
    method: 'GET',
    path: paths.faceMatches,
    role: 'viewer',
    summary: 'Possible matches of one face.',
    answer: faces.faceMatches,
  },
  faceSearch: {
    method: 'POST',
    path: paths.faceSearch,
    role: 'operator',
    summary: 'Finds the faces of an uploaded photograph among those enrolled; nothing of it is kept.',
    body: { ...files, description: 'One file' },
    answer: faces.faceSearchAnswer,
  },
  decide: {
    method: 'PUT',
    path: paths.decision,
    role: 'caseworker',
    signedIn: true,
    summary: 'Decides whether two faces are of the same person: any two.',
    body: faces.decisionBody,
    answer: faces.decision,
  },
  review: {
    method: 'GET',
    path: paths.review,
    role: 'viewer',
    summary: 'Possible matches that nobody has decided, the surest first.',
    query: faces.reviewQuery,
    answer: faces.reviewPage,
  },
  listGroups: {
    method: 'GET',
    path: paths.groups,
    role: 'viewer',
    summary: 'Groups of faces, the largest first, and from how sure on the machine joins two of them.',
    query: people.groupQuery,
    answer: people.groupPage,
  },
  getGroup: {
    method: 'GET',
    path: paths.group,
    role: 'viewer',
    summary: 'One group and its faces.',
    query: people.groupFacesQuery,
    answer: people.groupDetail,
  },
  groupOfFace: {
    method: 'GET',
    path: paths.groupOfFace,
    role: 'viewer',
    summary: 'The group that a face is in.',
    answer: people.group,
  },
  split: {
    method: 'POST',
    path: paths.split,
    role: 'caseworker',
    signedIn: true,
    summary: 'Takes faces out of their groups; whoever else is there stays.',
    body: people.splitBody,
    answer: people.splitAnswer,
  },
  faceTaken: {
    method: 'PUT',
    path: paths.faceTaken,
    role: 'caseworker',
    signedIn: true,
    summary: 'Says when the photograph of a face was taken, as far as it is known.',
    body: people.takenBody,
    answer: null,
  },
} as const satisfies Record<string, Operation>;
