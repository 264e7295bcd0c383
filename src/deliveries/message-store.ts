/** Messages as their senders sent them. Never changed; what became of one stands with its delivery. */
import type { Queryable } from '../database/queryable.ts';
import type { OutlinedSection } from '../records/record-store.ts';

export interface Message {
  /** UUID. */
  id: string;
  personId: string;
  messageType: string;
  sender: string;
  /** The one addressee. */
  recipient: string;
  purpose: string;
  /** For example `referral/v1`. */
  schema: string;
  asAt: string;
  /** RFC 9530 form, of the whole body as it was sent. */
  digest: string;
  /** The texts of the sections, byte for byte, one after the other. */
  sections: string;
  outline: readonly OutlinedSection[];
}

interface MessageRow {
  id: string;
  person_id: string;
  message_type: string;
  sender: string;
  recipient: string;
  purpose: string;
  schema: string;
  as_at: string;
  digest: string;
  sections: string;
  outline: readonly OutlinedSection[];
}

const columns =
  'id, person_id, message_type, sender, recipient, purpose, schema, as_at, digest, sections, outline';

export async function insertMessage(
  queryable: Queryable,
  message: Message,
  sentAt: Date,
): Promise<void> {
  await queryable.query(
    `
insert into messages (${columns}, sent_at)
values ($1::uuid, $2::uuid, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text, $9::text, $10::text,
        $11::jsonb, $12::timestamptz)`,
    [
      message.id,
      message.personId,
      message.messageType,
      message.sender,
      message.recipient,
      message.purpose,
      message.schema,
      message.asAt,
      message.digest,
      message.sections,
      JSON.stringify(message.outline),
      sentAt,
    ],
  );
}

export async function findMessages(
  queryable: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Message>> {
  if (ids.length === 0) return new Map();
  const { rows } = await queryable.query<MessageRow>(
    { name: 'messages-by-id', text: `select ${columns} from messages where id = any($1::uuid[])` },
    [ids],
  );
  return new Map(rows.map((row) => [row.id, toMessage(row)]));
}

function toMessage(row: MessageRow): Message {
  return {
    id: row.id,
    personId: row.person_id,
    messageType: row.message_type,
    sender: row.sender,
    recipient: row.recipient,
    purpose: row.purpose,
    schema: row.schema,
    asAt: row.as_at,
    digest: row.digest,
    sections: row.sections,
    outline: row.outline,
  };
}
