import { paths } from '../../routes.ts';
import * as batches from '../batches.ts';
import * as images from '../images.ts';
import { type Operation, picture } from '../operation.ts';
import * as standing from '../standing.ts';

/** Batches and images: lists, one of them, its pictures, and steps done again. */
export const imagesOperations = {
  listBatches: {
    method: 'GET',
    path: paths.batches,
    role: 'viewer',
    summary: 'Batches by name, with counts.',
    query: batches.batchQuery,
    answer: batches.batchPage,
  },
  getBatch: {
    method: 'GET',
    path: paths.batch,
    role: 'viewer',
    summary: 'One batch and how far it is.',
    answer: batches.batchProgress,
  },
  changeBatch: {
    method: 'PUT',
    path: paths.batch,
    role: 'operator',
    summary: 'Says on what terms the photographs of a batch may be processed.',
    body: batches.batchConsentBody,
    answer: batches.batchChanged,
  },
  listTags: {
    method: 'GET',
    path: paths.tags,
    role: 'viewer',
    summary: 'Tags or categories, the most frequent first.',
    query: batches.tagQuery,
    answer: batches.tagList,
  },
  listImages: {
    method: 'GET',
    path: paths.images,
    role: 'viewer',
    summary: 'Images with a result, newest first.',
    query: images.imageQuery,
    answer: images.imagePage,
  },
  imageFacets: {
    method: 'GET',
    path: paths.imageFacets,
    role: 'viewer',
    summary: 'How many images fit, and their most frequent tags and categories.',
    query: images.facetQuery,
    answer: images.imageFacets,
  },
  getImage: {
    method: 'GET',
    path: paths.image,
    role: 'viewer',
    summary: 'Everything about one image.',
    answer: images.imageDetail,
  },
  imageContent: {
    method: 'GET',
    path: paths.imageContent,
    role: 'viewer',
    summary: 'The upright working image.',
    answer: picture,
  },
  imageThumbnail: {
    method: 'GET',
    path: paths.imageThumbnail,
    role: 'viewer',
    summary: 'The image in small.',
    answer: { ...picture, contentTypes: ['image/jpeg'] },
  },
  imageOriginal: {
    method: 'GET',
    path: paths.imageOriginal,
    role: 'viewer',
    summary: 'The file as it was uploaded, to be saved.',
    answer: { ...picture, contentTypes: ['application/octet-stream'] },
  },
  whyImage: {
    method: 'GET',
    path: paths.imageWhy,
    role: 'viewer',
    summary: 'Where an image is and why it is not further, by job id, blob name or address.',
    answer: standing.why,
  },
  rerunImage: {
    method: 'POST',
    path: paths.imageRerun,
    role: 'operator',
    summary: 'Does steps of an image again.',
    body: images.rerunBody,
    answer: images.rerunAnswer,
    status: 202,
  },
} as const satisfies Record<string, Operation>;
