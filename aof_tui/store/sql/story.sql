-- name: story_failure
SELECT
    failure.*, recipe.name AS recipe, incident.status AS incident_status, recipe.lifetime_tasks, recipe.succeeded_count,
    (SELECT failure.first_failed_at + job_retention_s FROM workspace WHERE workspace.name = failure.workspace)
        AS repeatable_until,
    recipe.version_no AS present_version
FROM failure
LEFT JOIN recipe ON recipe.workspace = failure.workspace AND recipe.recipe_id = failure.recipe_id
LEFT JOIN incident ON incident.incident_id = failure.incident_id
WHERE failure.workspace = :workspace AND failure.master_job_id = :master_job_id;

-- name: story_runs  The newest runs of a lineage.
SELECT job_id, status, source, started_at, completed_at, error
FROM run
WHERE workspace = :workspace AND master_job_id = :master_job_id
ORDER BY ifnull(started_at, seen_at) DESC, job_id DESC
LIMIT :most;

-- name: story_attempts  The newest attempts of a lineage, each with its dispatch.
SELECT
    attempt.number, attempt.forced, attempt.actor, attempt.state, attempt.decided_at, attempt.sent_job_id,
    attempt.new_job_id, ifnull(attempt.outcome, dispatch.outcome) AS outcome, attempt.dispatch_id,
    dispatch.state AS dispatch_state, dispatch.sending_at, dispatch.settle_until, dispatch.http_status
FROM attempt
JOIN dispatch USING (dispatch_id)
WHERE attempt.workspace = :workspace AND attempt.master_job_id = :master_job_id
ORDER BY attempt.attempt_id DESC
LIMIT :most;

-- name: story_events  The newest events of a lineage.
SELECT event.*, recipe.name AS recipe
FROM event
LEFT JOIN recipe ON recipe.workspace = event.workspace AND recipe.recipe_id = event.recipe_id
WHERE event.workspace = :workspace AND event.master_job_id = :master_job_id
ORDER BY event.sequence DESC
LIMIT :most;

-- name: story_notifications  The newest notifications about a failure or about its incident.
SELECT *
FROM outbox
WHERE workspace = :workspace AND (incident_id = :incident_id OR master_job_id = :master_job_id)
ORDER BY notification_id DESC
LIMIT :most;
