-- name: breaker_get
SELECT * FROM breaker WHERE workspace = :workspace AND downstream = :downstream

-- name: breaker_put
INSERT INTO breaker (workspace, downstream, state, tally, cause, pause_s, opened_at, opened_by, next_probe_at, probed_at,
                     probe, succeeded_total, releasing, parent, put_at)
VALUES (:workspace, :downstream, :state, :tally, :cause, :pause_s, :opened_at, :opened_by, :next_probe_at, :probed_at,
        :probe, :succeeded_total, :releasing, :parent, :put_at)
ON CONFLICT (workspace, downstream) DO UPDATE SET
    state = excluded.state, tally = excluded.tally, cause = excluded.cause, pause_s = excluded.pause_s,
    opened_at = excluded.opened_at, opened_by = excluded.opened_by, next_probe_at = excluded.next_probe_at,
    probed_at = excluded.probed_at, probe = excluded.probe, succeeded_total = excluded.succeeded_total,
    releasing = excluded.releasing, parent = excluded.parent, put_at = excluded.put_at

-- name: breakers_barring
SELECT * FROM breaker
WHERE workspace = :workspace AND downstream IN (SELECT value FROM json_each(:downstreams)) AND state != 'closed'
ORDER BY downstream

-- name: breakers_busy
-- Those that are not closed, and those that closed and still hold something.
SELECT * FROM breaker WHERE workspace = :workspace AND (state != 'closed' OR releasing = 1) ORDER BY downstream

-- name: breaker_of_probe
SELECT * FROM breaker WHERE workspace = :workspace AND probe = :master_job_id

-- name: breaker_candidate
-- The held failure that can best spare an attempt, and has not failed just now; `observing` names rules under which
-- nothing is sent, `unpaid` recipes whose repeats are too dear; what Workato has lost after `kept_s` cannot be repeated.
-- What seems to fail in future failed before the clock was put back.
SELECT failure.* FROM failure JOIN recipe USING (workspace, recipe_id)
WHERE failure.workspace = :workspace AND failure.held_by = :downstream AND failure.status = 'held'
  AND failure.reason = 'breaker_open'
  AND (failure.last_failed_at <= :failed_before OR failure.last_failed_at > :now)
  AND recipe.running = 1 AND recipe.gone_at IS NULL
  AND failure.policy NOT IN (SELECT value FROM json_each(:observing))
  AND failure.recipe_id NOT IN (SELECT value FROM json_each(:unpaid))
  AND (:kept_s IS NULL OR failure.first_failed_at + :kept_s > :now)
  AND failure.attempts + failure.forced + failure.external < failure.max_attempts
  AND (:last_too OR failure.attempts + failure.forced + failure.external IN (0)
       OR failure.attempts + failure.forced + failure.external + 1 < failure.max_attempts)
ORDER BY failure.max_attempts - failure.attempts - failure.forced - failure.external DESC, failure.last_failed_at,
         failure.master_job_id
LIMIT 1

-- name: breaker_held
SELECT * FROM failure
WHERE workspace = :workspace AND held_by = :downstream AND status = 'held' AND reason = 'breaker_open'
ORDER BY recipe_id, first_failed_at, master_job_id LIMIT :limit

-- name: breaker_held_refused
-- What it holds although a person has to decide on it, because its connection was lost.
SELECT * FROM failure
WHERE workspace = :workspace AND held_by = :downstream AND status = 'held' AND reason = 'breaker_open'
  AND category = 'auth_connection'
ORDER BY first_failed_at, master_job_id

-- name: breaker_waits
-- Whether anything is held that may be sent, now or when there are tasks again.
SELECT 1 FROM failure
WHERE workspace = :workspace AND held_by = :downstream AND status = 'held' AND reason = 'breaker_open'
  AND (:kept_s IS NULL OR first_failed_at + :kept_s > :now)
  AND policy NOT IN (SELECT value FROM json_each(:observing)) LIMIT 1

-- name: breaker_held_observing
-- What it holds since before the engine began to act; nothing where the engine never only observed.
SELECT * FROM failure
WHERE workspace = :workspace AND held_by = :downstream AND status = 'held' AND reason = 'breaker_open'
  AND held_since < (
      SELECT MIN(started_at) FROM engine_run
      WHERE epoch > (SELECT MAX(epoch) FROM engine_run WHERE mode = 'observe')
  )
ORDER BY first_failed_at, master_job_id LIMIT :limit

-- name: breaker_to_hold
-- What is planned although its downstream's breaker is not closed.
SELECT * FROM failure
WHERE workspace = :workspace AND status = 'scheduled' AND undecided_until IS NULL AND forced_by IS NULL
  AND master_job_id != :probe
  AND (downstream = :downstream OR (:downstream = 'agents' AND category = 'on_prem_agent'))
ORDER BY first_failed_at, master_job_id LIMIT :limit

-- name: breaker_refused
-- What was left to people only because its connection was lost.
SELECT * FROM failure
WHERE workspace = :workspace AND status = 'needs_person' AND reason = 'policy_never' AND category = 'auth_connection'
  AND downstream = :downstream AND last_failed_at >= :since
ORDER BY first_failed_at, master_job_id LIMIT :limit

-- name: breaker_successes
-- How many jobs of the recipes that use a downstream were seen to succeed, with those that are gone: it never falls for
-- a recipe that comes and goes.
SELECT COALESCE(SUM(succeeded_seen), 0) AS amount FROM recipe
WHERE workspace = :workspace AND instr(accounts, :part) > 0

-- name: connection_get
SELECT * FROM connection WHERE workspace = :workspace AND connection_id = :connection_id

-- name: connection_delete
DELETE FROM connection WHERE workspace = :workspace AND connection_id = :connection_id

-- name: failures_hand_over
-- All open failures of one incident become another's.
UPDATE failure SET incident_id = :heir
WHERE incident_id = :incident_id
  AND status IN ('scheduled', 'repeating', 'in_doubt', 'watching', 'held', 'exhausted', 'needs_person')

-- name: status_breakers
-- The breakers that are not closed, with how much each holds; the application stands in for an unknown connection.
SELECT breaker.workspace, breaker.downstream, breaker.state, breaker.cause, breaker.opened_at, breaker.opened_by,
       breaker.next_probe_at, breaker.probe, connection.name, connection.application,
       (SELECT count(*) FROM failure
        WHERE failure.workspace = breaker.workspace AND failure.held_by = breaker.downstream
          AND failure.status = 'held' AND failure.reason = 'breaker_open') AS held
FROM breaker LEFT JOIN connection
    ON connection.workspace = breaker.workspace AND 'connection:' || connection.connection_id = breaker.downstream
WHERE breaker.state != 'closed'
ORDER BY breaker.workspace, breaker.downstream

-- name: breaker_held_count
SELECT count(*) AS amount FROM failure
WHERE workspace = :workspace AND held_by = :downstream AND status = 'held' AND reason = 'breaker_open'

-- name: downstream_known
-- Whether a recipe uses a connection or an application, or a failure named the application.
SELECT 1 AS known FROM recipe
WHERE workspace = :workspace AND (instr(accounts, :part) > 0 OR instr(applications, :adapter) > 0) LIMIT 1
