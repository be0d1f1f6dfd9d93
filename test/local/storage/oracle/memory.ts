/** One message as its sender and its receivers know it. */
interface KnownMessage {
  readonly id: string;
  /** Oldest first. */
  readonly receipts: string[];
}

/**
 * What a client of one service has been told in a sequence: ETags, receipts and markers differ between two services
 * that do the same, so operations name them by their place here.
 */
export class Memory {
  readonly #etags = new Map<string, string[]>();
  readonly #messages = new Map<string, KnownMessage[]>();
  readonly #markers = new Map<string, Readonly<Record<string, string>>>();

  noteEtag(resource: string, etag: string | undefined): void {
    if (etag === undefined) return;
    const known = this.#etags.get(resource) ?? [];
    if (known.at(-1) !== etag) known.push(etag);
    this.#etags.set(resource, known);
  }

  /** @returns an ETag of nothing where none is known */
  etag(resource: string, which: 'first' | 'last'): string {
    return this.#etags.get(resource)?.at(which === 'first' ? 0 : -1) ?? '"0x8D0000000000000"';
  }

  noteMessage(queue: string, id: string, receipt: string): void {
    const known = this.#messages.get(queue) ?? [];
    this.#messages.set(queue, known);
    const message = known.find((one) => one.id === id);
    if (message) message.receipts.push(receipt);
    else known.push({ id, receipts: [receipt] });
  }

  /** @returns a message that nobody knows where there is none yet */
  message(queue: string, index: number, which: 'first' | 'last'): { id: string; receipt: string } {
    const known = this.#messages.get(queue) ?? [];
    const message = known[index % Math.max(1, known.length)];
    return {
      id: message?.id ?? '00000000-0000-4000-8000-000000000000',
      receipt: message?.receipts.at(which === 'first' ? 0 : -1) ?? 'AAAAAAAAAAAAAAAA',
    };
  }

  noteMarker(list: string, marker: Readonly<Record<string, string>> | undefined): void {
    if (marker) this.#markers.set(list, marker);
    else this.#markers.delete(list);
  }

  marker(list: string): Readonly<Record<string, string>> {
    return this.#markers.get(list) ?? {};
  }
}
