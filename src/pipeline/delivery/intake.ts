import { ContractError, toRecordedError } from '../../domain/errors.ts';
import type { Random } from '../../domain/ports.ts';
import type { Settings } from '../../domain/settings.ts';
import type { StorageAccount } from '../../storage/account.ts';
import { EVENTS_QUEUE } from '../../storage/names.ts';
import { passedOver } from '../../storage/passed-over.ts';
import type { Admission } from '../admission/admission.ts';
import type { DeadLetters } from '../journal/dead-letters.ts';
import { rawText } from '../message/codec.ts';
import { parseEvents } from '../message/event.ts';
import type { Delivery } from './delivery.ts';
import { putBackOnOutage } from './outage.ts';

interface IntakeDeps {
  storage: StorageAccount;
  admission: Admission;
  deadLetters: DeadLetters;
  settings: Settings;
  random: Random;
}

/** Works on one message of the events queue: admits each blob it announces. */
export async function takeIn(raw: unknown, { log }: Delivery, deps: IntakeDeps): Promise<void> {
  try {
    for (const { container, name, etag, bytes } of parseEvents(raw)) {
      const kind = await passedOver(deps.storage.blobs, container, { name, bytes });
      if (kind) {
        log.info(`admission.${kind}`, {});
        continue;
      }
      await deps.admission.admitBlob(name, etag, log);
    }
  } catch (error) {
    if (await putBackOnOutage(deps, EVENTS_QUEUE, rawText(raw), error, log)) return;
    if (!(error instanceof ContractError)) throw error;
    const recorded = toRecordedError(error);
    await deps.deadLetters.record({ queue: EVENTS_QUEUE, error: recorded, message: rawText(raw) });
    log.error('message.dead', { queue: EVENTS_QUEUE, code: recorded.code });
  }
}
