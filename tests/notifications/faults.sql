-- What breaks each invariant, by the name of its check in verify.sql; `check__way` where there are several ways.

-- name: i14_a_mail_is_sent_once_per_event
INSERT INTO mail_message (
    tenant_id, message_id, event_id, kind, recipient_kind, recipient_id, state, attempts, available_at, created_at
)
SELECT tenant_id, event_id, event_id, kind, recipient_kind, recipient_id, 'queued', 0, available_at, created_at
FROM mail_message WHERE tenant_id = %(tenant)s AND kind = 'order_placed'

-- name: i16_what_became_of_a_mail_was_told__sent
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'notifications.order_mail_sent'

-- name: i16_what_became_of_a_mail_was_told__sent_yet_waiting
UPDATE mail_message SET state = 'queued', settled_at = NULL WHERE tenant_id = %(tenant)s AND state = 'sent'

-- name: i16_what_became_of_a_mail_was_told__sent_twice
INSERT INTO event_log (
    tenant_id, event_id, occurred_at, recorded_at, actor_kind, actor_id, kind, subject_kind, subject_id, request_id,
    data, history
)
SELECT tenant_id, subject_id, occurred_at, recorded_at, actor_kind, actor_id, kind, subject_kind, subject_id,
    request_id, data, history
FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'notifications.order_mail_sent'

-- name: i16_what_became_of_a_mail_was_told__failed
DELETE FROM event_log WHERE tenant_id = %(tenant)s AND kind = 'notifications.staff_mail_failed'

-- name: i16_every_edit_of_what_is_chosen_of_mails_has_its_event
UPDATE mail_settings SET version = version + 1 WHERE tenant_id = %(tenant)s

-- name: i18_mails_and_notices_belong_to_things_of_the_same_merchant__event
UPDATE mail_message SET event_id = message_id WHERE tenant_id = %(tenant)s

-- name: i18_mails_and_notices_belong_to_things_of_the_same_merchant__order_of_another
UPDATE mail_message SET recipient_id = %(other_order)s WHERE tenant_id = %(tenant)s AND recipient_kind = 'order'

-- name: i18_mails_and_notices_belong_to_things_of_the_same_merchant__customer
UPDATE mail_message SET recipient_kind = 'customer' WHERE tenant_id = %(tenant)s AND recipient_kind = 'order'

-- name: i18_mails_and_notices_belong_to_things_of_the_same_merchant__staff
UPDATE mail_message SET recipient_id = message_id WHERE tenant_id = %(tenant)s AND recipient_kind = 'staff'

-- name: i18_mails_and_notices_belong_to_things_of_the_same_merchant__former
UPDATE mail_message SET recipient_kind = 'former' WHERE tenant_id = %(tenant)s AND recipient_kind = 'order'

-- name: i18_mails_and_notices_belong_to_things_of_the_same_merchant__mailbox
UPDATE mailbox_mail SET message_id = tenant_id WHERE tenant_id = %(tenant)s

-- name: i18_mails_and_notices_belong_to_things_of_the_same_merchant__notice
UPDATE notice SET event_id = notice_id WHERE tenant_id = %(tenant)s

-- name: i18_mails_and_notices_belong_to_things_of_the_same_merchant__read
DELETE FROM notice WHERE tenant_id = %(tenant)s

-- name: i18_mails_and_notices_belong_to_things_of_the_same_merchant__wish
UPDATE notice_mail SET staff_id = tenant_id WHERE tenant_id = %(tenant)s

-- name: i20_no_push_waits_for_days
INSERT INTO push_message (tenant_id, push_id, subscription_id, notice_id, attempts, available_at, created_at)
SELECT tenant_id, notice_id, notice_id, notice_id, 1, created_at, created_at - interval '3 days'
FROM notice WHERE tenant_id = %(tenant)s LIMIT 1
