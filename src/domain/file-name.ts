/** What people call an image: the last part of its address, without the folder. */
export function fileName(imageUrl: string): string {
  const path = URL.canParse(imageUrl) ? new URL(imageUrl).pathname : imageUrl;
  const last = path.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
