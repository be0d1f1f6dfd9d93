export { chunksOf, listOf } from '../database/chunks.ts';
