-- name: retention_failures  Final failures whose time is over, the oldest first.
SELECT workspace, master_job_id
FROM failure
WHERE ended_at < :before AND status IN ('recovered', 'closed')
ORDER BY ended_at, workspace, master_job_id
LIMIT :most;

-- name: retention_dispatches  The dispatches of one lineage.
SELECT dispatch_id
FROM attempt
WHERE workspace = :workspace AND master_job_id = :master_job_id
UNION
SELECT dispatch_id
FROM dispatch
WHERE workspace = :workspace AND master_job_id = :master_job_id AND kind = 'fallback'
ORDER BY dispatch_id;

-- name: retention_delete_failure  Only if it is still final: it may have been reopened since it was chosen.
DELETE FROM failure
WHERE workspace = :workspace AND master_job_id = :master_job_id AND ended_at < :before
  AND status IN ('recovered', 'closed');

-- name: retention_delete_attempts
DELETE FROM attempt WHERE workspace = :workspace AND master_job_id = :master_job_id;

-- name: retention_delete_dispatch  Only without attempts of other lineages.
DELETE FROM dispatch
WHERE dispatch_id = :dispatch_id
  AND NOT EXISTS (SELECT 1 FROM attempt WHERE attempt.dispatch_id = dispatch.dispatch_id);

-- name: retention_delete_runs
DELETE FROM run WHERE workspace = :workspace AND master_job_id = :master_job_id;

-- name: retention_runs  Old runs of lineages that are no failure.
SELECT workspace, job_id
FROM run
WHERE seen_at < :before
  AND NOT EXISTS (
      SELECT 1 FROM failure
      WHERE failure.workspace = run.workspace AND failure.master_job_id = run.master_job_id
  )
ORDER BY workspace, job_id
LIMIT :most;

-- name: retention_delete_run
DELETE FROM run
WHERE workspace = :workspace AND job_id = :job_id
  AND NOT EXISTS (
      SELECT 1 FROM failure
      WHERE failure.workspace = run.workspace AND failure.master_job_id = run.master_job_id
  );

-- name: retention_events  Old events but those of an open failure or an unresolved incident; ends at the first young one.
SELECT sequence
FROM event
WHERE at < :before
  AND sequence < ifnull(
      (SELECT sequence FROM event WHERE at >= :before ORDER BY sequence LIMIT 1), 9223372036854775807
  )
  AND NOT EXISTS (
      SELECT 1 FROM failure
      WHERE failure.workspace = event.workspace AND failure.master_job_id = event.master_job_id
        AND failure.status NOT IN ('recovered', 'closed')
  )
  AND NOT EXISTS (
      SELECT 1 FROM incident WHERE incident.incident_id = event.incident_id AND incident.status != 'resolved'
  )
ORDER BY sequence
LIMIT :most;

-- name: retention_delete_event
DELETE FROM event WHERE sequence = :sequence;

-- name: retention_notifications  Old notifications that were delivered, or given up with an alarm.
SELECT notification_id
FROM outbox
WHERE created_at < :before AND state != 'pending'
  AND NOT EXISTS (
      SELECT 1 FROM incident WHERE incident.incident_id = outbox.incident_id AND incident.status != 'resolved'
  )
ORDER BY created_at, notification_id
LIMIT :most;

-- name: retention_delete_notification
DELETE FROM outbox WHERE notification_id = :notification_id AND state != 'pending';

-- name: retention_incidents  Resolved incidents that no failure belongs to any more.
SELECT incident_id
FROM incident
WHERE status = 'resolved' AND resolved_at < :before
  AND NOT EXISTS (SELECT 1 FROM failure WHERE failure.incident_id = incident.incident_id)
ORDER BY incident_id
LIMIT :most;

-- name: retention_delete_incident
DELETE FROM incident
WHERE incident_id = :incident_id AND status = 'resolved'
  AND NOT EXISTS (SELECT 1 FROM failure WHERE failure.incident_id = incident.incident_id);

-- name: retention_details  Details of errors not read again for long; one that is met again is read again.
SELECT workspace, recipe_id, fingerprint
FROM detail
WHERE read_at < :before
ORDER BY workspace, recipe_id, fingerprint
LIMIT :most;

-- name: retention_delete_detail
DELETE FROM detail
WHERE workspace = :workspace AND recipe_id = :recipe_id AND fingerprint = :fingerprint AND read_at < :before;

-- name: retention_breakers  Closed ones that nothing was counted for any more; one that is needed again begins anew.
SELECT workspace, downstream FROM breaker
WHERE state = 'closed' AND releasing = 0 AND put_at < :before
ORDER BY workspace, downstream
LIMIT :most;

-- name: retention_delete_breaker
DELETE FROM breaker
WHERE workspace = :workspace AND downstream = :downstream AND state = 'closed' AND releasing = 0 AND put_at < :before;
