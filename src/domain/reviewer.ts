const normal = (name: string): string => name.normalize('NFKC').trim().toLowerCase();

/** Whether two signatures are one person's: nobody seconds their own word by writing their name in another way. */
export const isSameReviewer = (one: string, two: string): boolean => normal(one) === normal(two);
