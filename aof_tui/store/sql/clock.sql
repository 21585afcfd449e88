-- name: clock_shift_failures
-- What is planned moves along with the wall clock; a delay counts from the recording of what is not yet decided.
UPDATE failure
SET next_action_at = next_action_at + :seconds, undecided_until = undecided_until + :seconds,
    recorded_at = recorded_at + CASE WHEN undecided_until IS NULL THEN 0 ELSE :seconds END
WHERE status IN ('scheduled', 'repeating', 'in_doubt', 'watching')

-- name: clock_shift_held
UPDATE failure SET held_since = held_since + :seconds WHERE status = 'held' AND held_since IS NOT NULL

-- name: clock_shift_engine_runs
-- By these starts it is told what was held before the engine began to act; the present run's is of the new time where
-- the clock jumped before it.
UPDATE engine_run SET started_at = started_at + :seconds
WHERE epoch > (SELECT MAX(epoch) FROM engine_run WHERE mode = 'observe')
  AND epoch < (SELECT MAX(epoch) FROM engine_run) + :present_too

-- name: clock_shift_incidents
UPDATE incident
SET check_at = check_at + :seconds, escalate_at = escalate_at + :seconds, remind_at = remind_at + :seconds,
    snoozed_until = snoozed_until + :seconds, last_seen_at = last_seen_at + :seconds
WHERE status != 'resolved'

-- name: clock_shift_outbox
UPDATE outbox SET next_try_at = next_try_at + :seconds WHERE state = 'pending'

-- name: clock_shift_recipes
UPDATE recipe
SET marked_at = marked_at + :seconds, retry_read_at = retry_read_at + :seconds,
    unread_since = unread_since + :seconds, read_whole_at = read_whole_at + :seconds
WHERE marked_at IS NOT NULL OR retry_read_at IS NOT NULL OR unread_since IS NOT NULL OR read_whole_at IS NOT NULL

-- name: clock_shift_dispatches
UPDATE dispatch
SET prepared_at = prepared_at + :seconds, sending_at = sending_at + :seconds, settle_until = settle_until + :seconds
WHERE state IN ('prepared', 'sending', 'unknown')

-- name: clock_shift_attempts
UPDATE attempt SET decided_at = decided_at + :seconds WHERE state = 'accepted' AND new_job_id IS NULL

-- name: clock_shift_runs
UPDATE run SET seen_at = seen_at + :seconds, missing_since = missing_since + :seconds
WHERE status NOT IN ('succeeded', 'failed', 'cancelled')

-- name: clock_shift_workspaces
UPDATE workspace
SET swept_at = swept_at + :seconds, sweep_started_at = sweep_started_at + :seconds,
    first_sweep_at = first_sweep_at + :seconds, lag_at = lag_at + :seconds,
    backlog_from = backlog_from + :seconds, backlog_until = backlog_until + :seconds,
    retry_tokens_at = retry_tokens_at + :seconds

-- name: clock_shift_breakers
UPDATE breaker
SET next_probe_at = next_probe_at + :seconds, opened_at = opened_at + :seconds, probed_at = probed_at + :seconds,
    put_at = put_at + :seconds

-- name: clock_shift_fallbacks
UPDATE fallback
SET next_at = next_at + :seconds, planned_at = planned_at + :seconds, sent_at = sent_at + :seconds
WHERE next_at IS NOT NULL OR state = 'starting'

-- name: clock_shift_rhythms
UPDATE rhythm SET due_at = due_at + :seconds WHERE due_at IS NOT NULL

-- name: clock_shift_reports
-- A slot that lies ahead would keep the next report back.
UPDATE report_run SET last_slot = MIN(last_slot, :now)

-- name: clock_calm_incidents
UPDATE incident SET check_at = MAX(check_at, :until) WHERE status != 'resolved' AND check_at IS NOT NULL

-- name: failures_overdue
-- What should have been repeated some time ago, a person's wishes apart.
SELECT * FROM failure
WHERE status = 'scheduled' AND undecided_until IS NULL AND forced_by IS NULL AND next_action_at < :until
ORDER BY workspace, next_action_at, master_job_id
