/** An ETag without quotes or weakness mark: Event Grid sends it bare, storage quotes it. */
export const bareEtag = (etag: string): string => etag.replace(/^W\//, '').replace(/^"(.*)"$/, '$1');

/** An ETag as the header `If-Match` wants it. */
export const quotedEtag = (etag: string): string => `"${bareEtag(etag)}"`;
