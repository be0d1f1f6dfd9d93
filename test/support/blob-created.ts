/** The event that Event Grid sends of a blob in the input container that was written. */
export const blobCreated = (name: string, eTag?: string) => ({
  eventType: 'Microsoft.Storage.BlobCreated',
  subject: `/blobServices/default/containers/inputimages/blobs/${name}`,
  data: { ...(eTag !== undefined && { eTag }), url: 'https://elsewhere.example/inputimages/x' },
});
