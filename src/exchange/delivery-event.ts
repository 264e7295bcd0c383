/** What the ledger says of a delivery: to whom, of whom, which attempt, and why or why not. */
import type { Delivery } from '../deliveries/delivery.ts';
import type { JsonObject, LedgerEvent } from '../ledger/ledger-event.ts';

/** `organisation` is the recipient, `custodian` whoever sent it. */
export function deliveryEvent(
  delivery: Delivery,
  particulars: JsonObject = {},
): Partial<LedgerEvent> {
  const { id, kind, personId, sender, recipient, type, version, sequence } = delivery;
  return {
    organisation: recipient,
    person: personId,
    recordType: type,
    custodian: sender,
    particulars: { delivery: id, kind, sequence, version, ...particulars },
  };
}
