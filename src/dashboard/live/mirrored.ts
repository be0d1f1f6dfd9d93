/** Whether the page is read from the right, and the arrow to the left leads on. */
export const isMirrored = (): boolean => getComputedStyle(document.documentElement).direction === 'rtl';
