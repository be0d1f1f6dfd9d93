/** The views of the navigation, in its order; `more` are those that a phone folds away. A new one needs a line here and one in `app.tsx`. */
export const VIEWS = [
  { name: 'images', more: false },
  { name: 'find', more: false },
  { name: 'review', more: false },
  { name: 'enquiries', more: false },
  { name: 'people', more: true },
  { name: 'trouble', more: true },
  { name: 'upload', more: true },
  { name: 'batches', more: true },
  { name: 'pipeline', more: true },
] as const;

export type ViewName = (typeof VIEWS)[number]['name'];
