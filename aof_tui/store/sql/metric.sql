-- name: metric_add
INSERT INTO metric (workspace, scope, start, subject, measure, amount)
VALUES (:workspace, :scope, :start, :subject, :measure, :amount)
ON CONFLICT (workspace, scope, start, subject, measure) DO UPDATE SET amount = amount + excluded.amount

-- name: metric_sums  What was counted in a window, by subject and measure.
SELECT subject, measure, sum(amount) AS amount
FROM metric
WHERE workspace = :workspace AND scope = :scope AND start >= :since AND start < :until
GROUP BY subject, measure
ORDER BY subject, measure

-- name: metric_top  The same for the subjects with the most failures; what only ran well is left out.
SELECT subject, measure, sum(amount) AS amount
FROM metric
WHERE workspace = :workspace AND scope = :scope AND start >= :since AND start < :until AND subject IN (
    SELECT subject
    FROM metric
    WHERE workspace = :workspace AND scope = :scope AND start >= :since AND start < :until
      AND measure NOT IN ('jobs_succeeded', 'jobs_failed')
    GROUP BY subject
    HAVING max(amount) > 0
    ORDER BY sum(CASE WHEN measure = 'recorded' THEN amount ELSE 0 END) DESC, subject
    LIMIT :most
)
GROUP BY subject, measure
ORDER BY subject, measure

-- name: metric_errors  The most frequent errors of a window, with how often they came in as much time before it.
SELECT
    shown.subject, shown.amount,
    (SELECT ifnull(sum(former.amount), 0) FROM metric AS former
     WHERE former.workspace = :workspace AND former.scope = 'fingerprint' AND former.subject = shown.subject
       AND former.start >= :before AND former.start < :since) AS before
FROM (
    SELECT subject, sum(amount) AS amount
    FROM metric
    WHERE workspace = :workspace AND scope = 'fingerprint' AND start >= :since AND start < :until
    GROUP BY subject
    ORDER BY amount DESC, subject
    LIMIT :most
) AS shown
ORDER BY shown.amount DESC, shown.subject

-- name: metric_error_incident  What an error is called, and whether it was seen before.
SELECT title, novelty
FROM incident
WHERE workspace = :workspace AND kind = 'jobs' AND scope = :scope AND fingerprint = :fingerprint
ORDER BY incident_id DESC
LIMIT 1

-- name: metric_error_text  What a failure of this error said.
SELECT error FROM failure
WHERE workspace = :workspace AND recipe_id = :recipe_id AND fingerprint = :fingerprint
LIMIT 1

-- name: metric_fold_into_day
INSERT INTO metric (workspace, scope, start, subject, measure, amount)
SELECT workspace, scope, :day, subject, measure, sum(amount)
FROM metric
WHERE workspace = :workspace AND scope = :scope AND start > :day AND start < :day + 86400
GROUP BY subject, measure
ON CONFLICT (workspace, scope, start, subject, measure) DO UPDATE SET amount = amount + excluded.amount

-- name: metric_fold_away
DELETE FROM metric WHERE workspace = :workspace AND scope = :scope AND start > :day AND start < :day + 86400

-- name: metric_unfolded  The first hour before a time that is not the begin of a day: its day has hours of its own.
SELECT min(start) AS start
FROM metric
WHERE workspace = :workspace AND scope = :scope AND start >= :since AND start < :until AND start % 86400 != 0

-- name: metric_workspaces
SELECT name FROM workspace ORDER BY name

-- name: metric_delete_old
DELETE FROM metric WHERE workspace = :workspace AND scope = :scope AND start < :before

-- name: outage_begin  One that is open already goes on.
INSERT INTO outage (workspace, downstream, cause, began_at)
SELECT :workspace, :downstream, :cause, :at
WHERE NOT EXISTS (
    SELECT 1 FROM outage
    WHERE workspace = :workspace AND downstream = :downstream AND cause = :cause AND ended_at IS NULL
)
ON CONFLICT (workspace, downstream, cause, began_at) DO UPDATE SET ended_at = NULL

-- name: outage_end
UPDATE outage SET ended_at = :at
WHERE workspace = :workspace AND downstream = :downstream AND cause = :cause AND ended_at IS NULL

-- name: outages_between
SELECT downstream, began_at, ended_at
FROM outage
WHERE workspace = :workspace AND began_at < :until AND (ended_at IS NULL OR ended_at > :since)
ORDER BY downstream, began_at, cause

-- name: outage_delete_old
DELETE FROM outage WHERE ended_at < :before

-- name: repeat_is_ours  Whether a run came of an attempt through this program.
SELECT 1 AS ours FROM attempt WHERE workspace = :workspace AND master_job_id = :master_job_id AND new_job_id = :run

-- name: task_month_add
INSERT INTO task_month (workspace, month, automatic, forced, unpriced)
VALUES (:workspace, :month, :automatic, :forced, :unpriced)
ON CONFLICT (workspace, month) DO UPDATE SET
    automatic = automatic + excluded.automatic, forced = forced + excluded.forced,
    unpriced = unpriced + excluded.unpriced

-- name: task_month_get
SELECT automatic, forced, unpriced FROM task_month WHERE workspace = :workspace AND month = :month

-- name: attempt_price
SELECT tasks, forced, decided_at FROM attempt WHERE attempt_id = :attempt_id

-- name: workspace_limits
UPDATE workspace SET job_retention_s = :job_retention_s, task_cap = :task_cap WHERE name = :name

-- name: expiring_failures
-- Failures at rest whose job is soon lost, of which nobody was told yet.
SELECT failure.* FROM failure INDEXED BY failure_open_first
WHERE failure.workspace = :workspace AND failure.first_failed_at <= :failed_until
  AND failure.status NOT IN ('recovered', 'closed') AND failure.status IN ('held', 'exhausted', 'needs_person')
  AND NOT EXISTS (
      SELECT 1 FROM event
      WHERE event.workspace = failure.workspace AND event.master_job_id = failure.master_job_id
        AND event.kind = 'expiry.announced'
  )
ORDER BY failure.first_failed_at, failure.master_job_id
LIMIT :limit

-- name: expiry_last_told
SELECT max(at) AS at FROM event WHERE incident_id = :incident_id AND kind = 'expiry.announced'
