-- name: outbox_insert
INSERT INTO outbox (workspace, kind, receiver, channel, reference, incident_id, master_job_id, summary, body, state,
                    created_at, next_try_at)
VALUES (:workspace, :kind, :receiver, :channel, :reference, :incident_id, :master_job_id, :summary, :body, 'pending',
        :created_at, :next_try_at)

-- name: outbox_due
SELECT * FROM outbox WHERE state = 'pending' AND receiver = :receiver AND next_try_at <= :now
ORDER BY next_try_at, notification_id LIMIT :limit

-- name: outbox_next
SELECT MIN(next_try_at) AS at FROM outbox WHERE state = 'pending' AND receiver = :receiver

-- name: outbox_done
UPDATE outbox
SET state = :state, attempts = attempts + 1, delivered_at = :delivered_at, next_try_at = :next_try_at, error = :error
WHERE notification_id = :notification_id AND state = 'pending'

-- name: outbox_told
-- When a receiver was told lately.
SELECT DISTINCT delivered_at AS at FROM outbox
WHERE receiver = :receiver AND state = 'delivered' AND delivered_at > :since ORDER BY delivered_at

-- name: outbox_known
SELECT COUNT(*) AS amount FROM outbox WHERE receiver = :receiver AND reference = :reference

-- name: outbox_bind
UPDATE outbox SET digest = :digest WHERE notification_id = :notification_id

-- name: outbox_of_digest
-- What is told as one message, in the order in which it was put together.
SELECT * FROM outbox WHERE receiver = :receiver AND digest = :digest AND state = 'pending' ORDER BY notification_id

-- name: receivers_down
-- Receivers that a message did not reach lately, and no other one reached since.
SELECT DISTINCT receiver FROM outbox AS failing
WHERE ((state = 'pending' AND error IS NOT NULL) OR (state = 'dead' AND created_at > :since))
  AND NOT EXISTS (
      SELECT 1 FROM outbox AS later
      WHERE later.receiver = failing.receiver AND later.delivered_at >= failing.created_at
  )
ORDER BY receiver
