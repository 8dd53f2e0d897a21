-- Messages, the mailbox, notices and what was chosen of them.

-- name: queue_messages
INSERT INTO mail_message (
    tenant_id, message_id, event_id, kind, recipient_kind, recipient_id, state, attempts, available_at, created_at
)
SELECT t.tenant_id, u.message_id, u.event_id, u.kind, u.recipient_kind, u.recipient_id, 'queued', 0, %(at)s, %(at)s
FROM tenant t CROSS JOIN unnest(
    %(message_ids)s::uuid[], %(event_ids)s::uuid[], %(kinds)s::text[], %(recipient_kinds)s::text[],
    %(recipient_ids)s::uuid[]
) AS u (message_id, event_id, kind, recipient_kind, recipient_id)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, event_id, kind, recipient_id) DO NOTHING
RETURNING message_id

-- name: due_messages
SELECT
    m.message_id, m.event_id, m.kind, m.recipient_kind, m.recipient_id, m.state, m.attempts + 1, m.failure, m.created_at,
    m.settled_at, m.available_at
FROM mail_message m
WHERE m.tenant_id = %(tenant_id)s AND m.state = 'queued' AND m.available_at <= %(at)s
ORDER BY m.available_at, m.message_id
LIMIT %(limit)s
FOR NO KEY UPDATE SKIP LOCKED

-- name: due_messages_of
SELECT
    m.message_id, m.event_id, m.kind, m.recipient_kind, m.recipient_id, m.state, m.attempts + 1, m.failure, m.created_at,
    m.settled_at, m.available_at
FROM mail_message m
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = ANY(%(message_ids)s::uuid[])
    AND m.state = 'queued' AND m.available_at <= %(at)s
ORDER BY m.message_id
FOR NO KEY UPDATE SKIP LOCKED

-- name: claim_messages
-- They are still queued: nothing was sent, and if the claimant dies they are due again.
UPDATE mail_message SET attempts = attempts + 1, available_at = %(until)s
WHERE tenant_id = %(tenant_id)s AND message_id = ANY(%(message_ids)s::uuid[])

-- name: drop_stale
UPDATE mail_message SET state = 'dropped', failure = %(failure)s, settled_at = %(at)s
WHERE tenant_id = %(tenant_id)s AND message_id IN (
    SELECT m.message_id FROM mail_message m
    WHERE m.tenant_id = %(tenant_id)s AND m.state = 'queued' AND m.available_at <= %(before)s
    ORDER BY m.available_at, m.message_id
    LIMIT %(limit)s
    FOR NO KEY UPDATE SKIP LOCKED
)

-- name: begin_sending
UPDATE mail_message SET state = 'sending', available_at = %(until)s
WHERE tenant_id = %(tenant_id)s AND message_id = ANY(%(message_ids)s::uuid[]) AND state = 'queued'
    AND available_at = %(claimed_until)s
RETURNING message_id

-- name: settle_messages
UPDATE mail_message m
SET state = u.state, attempts = u.attempts, available_at = u.available_at, failure = u.failure,
    settled_at = u.settled_at
FROM unnest(
    %(message_ids)s::uuid[], %(until)s::timestamptz[], %(states)s::text[], %(attempts)s::int[],
    %(available_at)s::timestamptz[], %(failures)s::text[], %(settled_at)s::timestamptz[]
) AS u (message_id, until, state, attempts, available_at, failure, settled_at)
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = u.message_id AND m.state IN ('queued', 'sending')
    AND m.available_at = u.until
RETURNING m.message_id

-- name: lose_messages
UPDATE mail_message SET state = 'unknown', failure = %(failure)s, settled_at = %(at)s
WHERE tenant_id = %(tenant_id)s AND message_id IN (
    SELECT m.message_id FROM mail_message m
    WHERE m.tenant_id = %(tenant_id)s AND m.state = 'sending' AND m.available_at <= %(at)s
    ORDER BY m.available_at, m.message_id
    LIMIT %(limit)s
    FOR NO KEY UPDATE SKIP LOCKED
)
RETURNING message_id, event_id, kind, recipient_kind, recipient_id, state, attempts, failure, created_at, settled_at

-- name: requeue_messages
UPDATE mail_message SET state = 'queued', attempts = 0, available_at = %(at)s, failure = NULL, settled_at = NULL
WHERE tenant_id = %(tenant_id)s AND message_id = ANY(%(message_ids)s::uuid[])

-- name: keep_mails
INSERT INTO mailbox_mail (tenant_id, message_id, sealed, kept_at)
SELECT t.tenant_id, u.message_id, u.sealed, %(at)s
FROM tenant t CROSS JOIN unnest(%(message_ids)s::uuid[], %(sealed)s::bytea[]) AS u (message_id, sealed)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, message_id) DO UPDATE SET sealed = excluded.sealed, kept_at = excluded.kept_at

-- name: empty_mailbox
DELETE FROM mailbox_mail
WHERE tenant_id = %(tenant_id)s AND message_id IN (
    SELECT k.message_id FROM mailbox_mail k
    WHERE k.tenant_id = %(tenant_id)s AND k.kept_at < %(before)s
    ORDER BY k.kept_at, k.message_id
    LIMIT %(limit)s
)

-- name: oldest_kept
SELECT k.kept_at FROM mailbox_mail k
WHERE k.tenant_id = %(tenant_id)s
ORDER BY k.kept_at DESC, k.message_id DESC
OFFSET %(mails_max)s LIMIT 1

-- name: save_settings
INSERT INTO mail_settings AS s (tenant_id, from_address, reply_to, silenced, version, updated_at)
SELECT t.tenant_id, %(from_address)s, %(reply_to)s, %(silenced)s::text[], %(expected)s + 1, %(at)s
FROM tenant t WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id) DO UPDATE
SET from_address = excluded.from_address, reply_to = excluded.reply_to, silenced = excluded.silenced,
    version = excluded.version, updated_at = excluded.updated_at
WHERE s.version = %(expected)s
RETURNING s.version

-- name: put_up_notices
INSERT INTO notice (tenant_id, notice_id, event_id, kind, audience, subject_id, data, created_at)
SELECT t.tenant_id, u.notice_id, u.event_id, u.kind, u.audience, u.subject_id, u.data::jsonb, %(at)s
FROM tenant t CROSS JOIN unnest(
    %(notice_ids)s::uuid[], %(event_ids)s::uuid[], %(kinds)s::text[], %(audiences)s::text[], %(subject_ids)s::uuid[],
    %(data)s::text[]
) AS u (notice_id, event_id, kind, audience, subject_id, data)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, event_id, kind, audience) DO NOTHING
RETURNING notice_id, audience

-- name: read_notices
INSERT INTO notice_read (tenant_id, staff_id, notice_id, read_at)
SELECT n.tenant_id, %(staff_id)s, n.notice_id, %(at)s
FROM notice n
WHERE n.tenant_id = %(tenant_id)s AND n.notice_id = ANY(%(notice_ids)s::uuid[])
    AND n.audience = ANY(%(audiences)s::text[])
ON CONFLICT (tenant_id, staff_id, notice_id) DO NOTHING
RETURNING notice_id

-- name: take_down_notices
DELETE FROM notice
WHERE tenant_id = %(tenant_id)s AND notice_id IN (
    SELECT n.notice_id FROM notice n
    WHERE n.tenant_id = %(tenant_id)s AND n.created_at < %(before)s
    ORDER BY n.created_at, n.notice_id
    LIMIT %(limit)s
)

-- name: forget_wishes
DELETE FROM notice_mail
WHERE tenant_id = %(tenant_id)s AND staff_id = %(staff_id)s AND NOT kind = ANY(%(kinds)s::text[])

-- name: keep_wishes
INSERT INTO notice_mail (tenant_id, staff_id, kind)
SELECT t.tenant_id, %(staff_id)s, u.kind FROM tenant t CROSS JOIN unnest(%(kinds)s::text[]) AS u (kind)
WHERE t.tenant_id = %(tenant_id)s
ON CONFLICT (tenant_id, staff_id, kind) DO NOTHING

-- name: erase_kept_mails
-- Links are mailed to addresses of nobody yet, and what tells of a change to those of nobody any more: they go all.
DELETE FROM mailbox_mail k
USING mail_message m
WHERE k.tenant_id = %(tenant_id)s AND m.tenant_id = %(tenant_id)s AND m.message_id = k.message_id
    AND (m.recipient_id = ANY(%(recipient_ids)s::uuid[]) OR m.recipient_kind IN ('link', 'former'))
