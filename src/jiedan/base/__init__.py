"""The ground every module stands on; it knows no module.

Owns: connections and transactions (`db`), events, outbox and drain, the desk, idempotency, money, ids, clock,
errors, paging, translations, logs, settings, the embedded server and the HTTP frame (`web/`).
"""
