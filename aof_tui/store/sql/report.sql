-- name: report_events  How many failures each reported kind of event happened to, and how many repeats were accepted.
SELECT kind, CASE kind WHEN 'repeat.accepted' THEN count(*) ELSE count(DISTINCT master_job_id) END AS amount
FROM event
WHERE workspace = :workspace AND at >= :since AND at < :until
  AND kind IN ('failure.recorded', 'failure.recovered', 'failure.exhausted', 'failure.referred', 'failure.held',
               'repeat.accepted')
GROUP BY kind;

-- name: report_still_open
SELECT status, count(*) AS amount
FROM failure INDEXED BY failure_open_counted
WHERE workspace = :workspace AND status NOT IN ('recovered', 'closed')
GROUP BY status;

-- name: report_recovered_by_repeat  Failures that a repeat of the engine or of a person through it healed.
SELECT count(*) AS amount
FROM failure INDEXED BY failure_ended
WHERE workspace = :workspace AND ended_at >= :since AND ended_at < :until AND status = 'recovered'
  AND reason IN ('repeat_succeeded', 'forced_repeat_succeeded');

-- name: report_median_recovery  The median time from the first failure to the success, NULL without any.
WITH healed AS (
    SELECT succeeded_at - first_failed_at AS took_s
    FROM failure INDEXED BY failure_ended
    WHERE workspace = :workspace AND ended_at >= :since AND ended_at < :until AND status = 'recovered'
      AND succeeded_at IS NOT NULL
)
SELECT avg(took_s) AS median_s
FROM (
    SELECT took_s
    FROM healed
    ORDER BY took_s
    LIMIT 2 - (SELECT count(*) FROM healed) % 2
    OFFSET max(0, (SELECT (count(*) - 1) / 2 FROM healed))
);

-- name: report_categories  What was recorded in the window, by the category it has now, the most frequent first.
SELECT failure.category, count(*) AS amount
FROM event JOIN failure USING (workspace, master_job_id)
WHERE event.workspace = :workspace AND event.kind = 'failure.recorded' AND event.at >= :since AND event.at < :until
GROUP BY failure.category
ORDER BY amount DESC, failure.category;

-- name: report_top_errors  The most frequent errors of what was recorded in the window.
SELECT
    failure.fingerprint, failure.recipe_id, max(failure.error) AS error, max(recipe.name) AS recipe,
    max(incident.novelty) AS novelty, count(*) AS amount
FROM event JOIN failure USING (workspace, master_job_id)
LEFT JOIN recipe ON recipe.workspace = failure.workspace AND recipe.recipe_id = failure.recipe_id
LEFT JOIN incident ON incident.incident_id = failure.incident_id
WHERE event.workspace = :workspace AND event.kind = 'failure.recorded' AND event.at >= :since AND event.at < :until
GROUP BY failure.recipe_id, failure.fingerprint
ORDER BY amount DESC, failure.recipe_id, failure.fingerprint
LIMIT :most;
