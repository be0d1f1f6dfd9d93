/** As HTTP and the service write a moment. @param ms since 1970 */
export const httpDate = (ms: number): string => {
  const second = Math.floor(ms / 1000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastText = new Date(ms).toUTCString();
  }
  return lastText;
};

// Most answers of a busy second say the same moment.
let lastSecond = Number.NaN;
let lastText = '';
