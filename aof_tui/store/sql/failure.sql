-- name: failure_put
INSERT INTO failure (
    workspace, master_job_id, recipe_id, status, reason, title, error, error_type, adapter, message, http_code,
    line_number, action, category, classify_rule, fingerprint, repeat_choice, policy, severity, when_in_doubt,
    attempts, max_attempts, forced, external, rejections, first_failed_at, last_failed_at, recorded_at, next_action_at,
    newest_job_id, newest_status, incident_id, draw, succeeded_at, downstream, held_by, held_since, stood_still_s,
    undecided_until, forced_by, called, poll_error,
    root_job_id, version_no, same_version, ended_at
) VALUES (
    :workspace, :master_job_id, :recipe_id, :status, :reason, :title, :error, :error_type, :adapter, :message,
    :http_code, :line_number, :action, :category, :classify_rule, :fingerprint, :repeat_choice, :policy, :severity,
    :when_in_doubt, :attempts, :max_attempts, :forced, :external, :rejections, :first_failed_at, :last_failed_at,
    :recorded_at, :next_action_at, :newest_job_id, :newest_status, :incident_id, :draw, :succeeded_at,
    :downstream, :held_by, :held_since, :stood_still_s, :undecided_until, :forced_by, :called, :poll_error, :root_job_id, :version_no, :same_version, :ended_at
)
ON CONFLICT (workspace, master_job_id) DO UPDATE SET
    status = excluded.status, reason = excluded.reason, title = excluded.title, error = excluded.error,
    error_type = excluded.error_type, adapter = excluded.adapter, message = excluded.message,
    http_code = excluded.http_code, line_number = excluded.line_number, action = excluded.action,
    category = excluded.category, classify_rule = excluded.classify_rule, fingerprint = excluded.fingerprint,
    repeat_choice = excluded.repeat_choice, policy = excluded.policy, severity = excluded.severity,
    when_in_doubt = excluded.when_in_doubt, attempts = excluded.attempts, max_attempts = excluded.max_attempts,
    forced = excluded.forced, external = excluded.external, rejections = excluded.rejections,
    last_failed_at = excluded.last_failed_at, recorded_at = excluded.recorded_at,
    next_action_at = excluded.next_action_at, newest_job_id = excluded.newest_job_id,
    newest_status = excluded.newest_status, incident_id = excluded.incident_id, draw = excluded.draw,
    succeeded_at = excluded.succeeded_at, downstream = excluded.downstream, held_by = excluded.held_by,
    held_since = excluded.held_since, stood_still_s = excluded.stood_still_s, undecided_until = excluded.undecided_until, forced_by = excluded.forced_by,
    called = excluded.called, poll_error = excluded.poll_error, root_job_id = excluded.root_job_id,
    version_no = excluded.version_no, same_version = excluded.same_version, ended_at = excluded.ended_at

-- name: failure_get
SELECT * FROM failure WHERE workspace = :workspace AND master_job_id = :master_job_id

-- name: failures_unfinished_of_recipe
SELECT * FROM failure
WHERE workspace = :workspace AND recipe_id = :recipe_id
  AND status IN ('scheduled', 'repeating', 'in_doubt', 'watching', 'held', 'exhausted', 'needs_person')
ORDER BY first_failed_at, master_job_id

-- name: root_of_called
-- The failure whose lineage a run belongs to, and how that run ended as far as known.
SELECT failure.*, run.status AS run_status
FROM failure LEFT JOIN run ON run.workspace = failure.workspace AND run.job_id = :root_job_id
WHERE failure.workspace = :workspace
  AND failure.master_job_id = COALESCE(
      (SELECT master_job_id FROM run WHERE workspace = :workspace AND job_id = :root_job_id), :root_job_id)

-- name: called_by_lineage
-- Failures of jobs that were called in the failed runs of a lineage, as far as nobody repeats them by themselves.
SELECT failure.* FROM run CROSS JOIN failure
    ON failure.workspace = run.workspace AND failure.root_job_id = run.job_id
WHERE run.workspace = :workspace AND run.master_job_id = :master_job_id AND run.status = 'failed'
  AND (failure.reason IN ('handled_by_root', 'called_by_other')
       OR (failure.status = 'scheduled' AND failure.undecided_until IS NOT NULL))
ORDER BY failure.master_job_id

-- name: failures_held_because
SELECT * FROM failure
WHERE workspace = :workspace AND status = 'held' AND reason = :reason
  AND (:recipe_id IS NULL OR recipe_id = :recipe_id)
ORDER BY first_failed_at, master_job_id

-- name: failures_planned
SELECT * FROM failure
WHERE workspace = :workspace AND status = 'scheduled' AND undecided_until IS NULL
ORDER BY first_failed_at, master_job_id

-- name: failures_fallen_due
-- What the engine planned itself and could not do in time.
SELECT * FROM failure
WHERE workspace = :workspace AND status = 'scheduled' AND undecided_until IS NULL AND forced_by IS NULL
  AND next_action_at <= :until
ORDER BY first_failed_at, master_job_id

-- name: failures_observed
-- Held while only observed; `observing` names the rules that observe still.
SELECT * FROM failure
WHERE workspace = :workspace AND status = 'held' AND reason = 'observe'
  AND policy NOT IN (SELECT value FROM json_each(:observing))
ORDER BY first_failed_at, master_job_id

-- name: failures_observed_count
SELECT COUNT(*) AS amount FROM failure
WHERE workspace = :workspace AND status = 'held' AND reason = 'observe'
  AND policy NOT IN (SELECT value FROM json_each(:observing))

-- name: failures_of_backlog
-- One failure that is held as a backlog, or could still turn out to be.
SELECT master_job_id FROM failure
WHERE workspace = :workspace
  AND ((status = 'held' AND reason = :reason) OR (status = 'scheduled' AND undecided_until IS NOT NULL))
LIMIT 1

-- name: failure_may_be_test
-- Whether a failure's run began while a person had its recipe stopped: only tests of it run then.
SELECT 1 FROM run JOIN recipe USING (workspace, recipe_id)
WHERE run.workspace = :workspace AND run.job_id = :master_job_id AND running = 0 AND stop_cause IS NULL
  AND gone_at IS NULL AND (stopped_at IS NULL OR started_at > stopped_at)

-- name: failures_undecided
SELECT * FROM failure
WHERE workspace = :workspace AND status = 'scheduled' AND undecided_until IS NOT NULL
ORDER BY undecided_until, recipe_id, fingerprint, master_job_id
LIMIT :limit

-- name: failures_undecided_of_pair
SELECT * FROM failure
WHERE workspace = :workspace AND recipe_id = :recipe_id AND fingerprint = :fingerprint
  AND status = 'scheduled' AND undecided_until IS NOT NULL
ORDER BY master_job_id

-- name: failure_first_due
-- The scheduled failure whose turn comes first: a person's wish before the engine's plans.
SELECT * FROM failure
WHERE workspace = :workspace AND status = 'scheduled' AND undecided_until IS NULL AND next_action_at <= :until
  AND recipe_id NOT IN (SELECT value FROM json_each(:skipped))
ORDER BY forced_by IS NULL, next_action_at, recipe_id, master_job_id
LIMIT 1

-- name: failures_due_of_recipe
SELECT * FROM failure
WHERE workspace = :workspace AND recipe_id = :recipe_id AND status = 'scheduled' AND undecided_until IS NULL
  AND next_action_at <= :until
ORDER BY forced_by IS NULL, next_action_at, master_job_id
LIMIT :limit

-- name: failure_next_scheduled_at
SELECT MIN(next_action_at) AS at FROM failure
WHERE workspace = :workspace AND status = 'scheduled' AND undecided_until IS NULL
  AND recipe_id NOT IN (SELECT value FROM json_each(:skipped))

-- name: recipes_next_due
-- Recipes whose scheduled failures fall due until a time, the earliest first.
SELECT recipe_id, MIN(next_action_at) AS at FROM failure
WHERE workspace = :workspace AND status = 'scheduled' AND undecided_until IS NULL AND next_action_at <= :until
  AND recipe_id NOT IN (SELECT value FROM json_each(:skipped))
GROUP BY recipe_id ORDER BY at, recipe_id LIMIT :limit

-- name: recipe_first_awaited
-- The recipe with the most overdue lineage that is watched or in doubt. The longer list names the index in its order.
SELECT recipe_id, status, next_action_at AS at FROM failure
WHERE workspace = :workspace AND status IN ('watching', 'in_doubt')
  AND status IN ('scheduled', 'repeating', 'in_doubt', 'watching')
  AND recipe_id NOT IN (SELECT value FROM json_each(:skipped))
ORDER BY next_action_at, recipe_id LIMIT 1

-- name: failures_open_of_incident
SELECT COUNT(*) AS open,
       SUM(status = 'exhausted') AS exhausted,
       SUM(status = 'needs_person') AS needs_person,
       SUM(status = 'held') AS held,
       SUM(status IN ('exhausted', 'needs_person')
           OR (status = 'held' AND reason IN ('stayed_in_doubt', 'never_appeared'))) AS for_person
FROM failure
WHERE incident_id = :incident_id
  AND status IN ('scheduled', 'repeating', 'in_doubt', 'watching', 'held', 'exhausted', 'needs_person')

-- name: recipes_with_resting
-- Recipes with failures that wait for a person; one that is gone cannot be read.
SELECT DISTINCT recipe_id FROM failure JOIN recipe USING (workspace, recipe_id)
WHERE workspace = :workspace AND status IN ('held', 'exhausted', 'needs_person') AND gone_at IS NULL ORDER BY recipe_id
