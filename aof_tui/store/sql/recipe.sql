-- name: recipes_by_id
SELECT * FROM recipe WHERE workspace = :workspace AND recipe_id IN (SELECT value FROM json_each(:recipe_ids))

-- name: recipe_get
SELECT * FROM recipe WHERE workspace = :workspace AND recipe_id = :recipe_id

-- name: recipe_put
-- `succeeded_seen` counts what succeeded between two sweeps: what a recipe brings along that is new, was gone or changed
-- its connections is old.
INSERT INTO recipe (workspace, recipe_id, name, running, stop_cause, stopped_at, failed_count, succeeded_count,
                    last_run_at, version_no, lifetime_tasks, project_id, project, folder_id, applications, accounts, tags,
                    marked_at, mark_count, gone_at, walked_count)
VALUES (:workspace, :recipe_id, :name, :running, :stop_cause, :stopped_at, :failed_count, :succeeded_count,
        :last_run_at, :version_no, :lifetime_tasks, :project_id, :project, :folder_id, :applications, :accounts, :tags,
        :marked_at, :mark_count, :gone_at, CASE WHEN :failed_count = 0 THEN 0 END)
ON CONFLICT (workspace, recipe_id) DO UPDATE SET
    name = excluded.name, running = excluded.running, stop_cause = excluded.stop_cause,
    stopped_at = excluded.stopped_at, failed_count = excluded.failed_count,
    succeeded_seen = CASE
        WHEN recipe.accounts != excluded.accounts THEN 0
        WHEN recipe.gone_at IS NOT NULL THEN recipe.succeeded_seen
        ELSE recipe.succeeded_seen + MAX(0, excluded.succeeded_count - recipe.succeeded_count)
    END,
    succeeded_count = excluded.succeeded_count, last_run_at = excluded.last_run_at, version_no = excluded.version_no,
    lifetime_tasks = excluded.lifetime_tasks,
    project_id = excluded.project_id, project = excluded.project,
    folder_id = excluded.folder_id, applications = excluded.applications, accounts = excluded.accounts,
    tags = excluded.tags, marked_at = excluded.marked_at, mark_count = excluded.mark_count,
    -- What moves anew is not kept waiting for what the list did not show yet.
    retry_read_at = CASE
        WHEN recipe.read_errors > 0 OR recipe.mark_count = excluded.mark_count THEN recipe.retry_read_at
    END,
    missed_sweeps = 0, gone_at = excluded.gone_at

-- name: recipes_marked
-- The marked recipes that may be read now: those that moved before those that were only seen for the first time, of
-- each the oldest mark first, and of one mark the recipe that ran last the longest ago: it has probably waited longest.
SELECT * FROM recipe
WHERE workspace = :workspace AND marked_at IS NOT NULL AND gone_at IS NULL
  AND (retry_read_at IS NULL OR retry_read_at <= :now)
ORDER BY (mark_count = 0), marked_at, last_run_at, recipe_id LIMIT :limit

-- name: recipe_oldest_mark
-- Recipes that moved, or cannot be read. Those whose first read is to come are no delay: for a large workspace it
-- takes hours.
SELECT MIN(marked_at) AS at, COUNT(*) AS amount FROM recipe
WHERE workspace = :workspace AND marked_at IS NOT NULL AND (mark_count > 0 OR read_errors > 0)

-- name: recipe_walk_completed
-- The mark is cleared only if nothing moved meanwhile, and no failure is counted that the list does not show yet.
UPDATE recipe
SET watermark_job_id = COALESCE(:watermark_job_id, watermark_job_id),
    watermark_at = COALESCE(:watermark_at, watermark_at), read_at = :read_at, read_errors = 0,
    retry_read_at = CASE WHEN mark_count = :mark_count THEN :again_at END,
    marked_at = CASE WHEN mark_count != :mark_count THEN marked_at WHEN :again_at IS NULL THEN NULL ELSE :read_at END,
    walked_count = :walked_count, unaccounted = :unaccounted, rereads = :rereads
WHERE workspace = :workspace AND recipe_id = :recipe_id

-- name: recipe_walk_failed
UPDATE recipe SET read_errors = read_errors + 1, retry_read_at = :retry_read_at
WHERE workspace = :workspace AND recipe_id = :recipe_id

-- name: recipes_missed
-- Counts a completed sweep for the recipes that it did not list.
UPDATE recipe SET missed_sweeps = missed_sweeps + 1
WHERE workspace = :workspace AND gone_at IS NULL AND recipe_id NOT IN (SELECT value FROM json_each(:recipe_ids))

-- name: recipes_back
UPDATE recipe SET missed_sweeps = 0
WHERE workspace = :workspace AND missed_sweeps > 0 AND recipe_id IN (SELECT value FROM json_each(:recipe_ids))

-- name: recipes_unseen
SELECT recipe_id, name FROM recipe
WHERE workspace = :workspace AND gone_at IS NULL AND missed_sweeps >= :missed ORDER BY recipe_id LIMIT :limit

-- name: recipe_mark
UPDATE recipe SET marked_at = COALESCE(marked_at, :marked_at), mark_count = mark_count + 1,
    retry_read_at = CASE WHEN read_errors > 0 THEN retry_read_at END
WHERE workspace = :workspace AND recipe_id = :recipe_id AND gone_at IS NULL

-- name: recipe_unread
UPDATE recipe SET unread_since = :since WHERE workspace = :workspace AND recipe_id = :recipe_id

-- name: recipe_walked_to
UPDATE recipe SET walked_to = :walked_to WHERE workspace = :workspace AND recipe_id = :recipe_id

-- name: recipes_unread
-- Recipes whose repeated runs have not been readable since a time, or longer.
SELECT COUNT(*) AS amount FROM recipe
WHERE workspace = :workspace AND gone_at IS NULL AND unread_since < :until

-- name: recipes_present
SELECT COUNT(*) AS amount FROM recipe WHERE workspace = :workspace AND gone_at IS NULL

-- name: recipe_next_slow
-- The recipe whose whole lookback was read the longest ago, before a time; one that is marked is read anyway.
-- What the first sweep showed counts as read at that time.
SELECT recipe.* FROM recipe JOIN workspace ON workspace.name = recipe.workspace
WHERE recipe.workspace = :workspace AND gone_at IS NULL AND marked_at IS NULL
  AND ifnull(read_whole_at, 0) <= :until AND first_sweep_at <= :until
  AND recipe_id NOT IN (SELECT value FROM json_each(:skipped))
ORDER BY ifnull(read_whole_at, 0), recipe_id LIMIT 1

-- name: recipe_read_whole
UPDATE recipe SET read_whole_at = :at WHERE workspace = :workspace AND recipe_id = :recipe_id

-- name: recipe_gone
UPDATE recipe SET gone_at = :gone_at, marked_at = NULL, running = 0
WHERE workspace = :workspace AND recipe_id = :recipe_id

-- name: connection_put
INSERT INTO connection (workspace, connection_id, name, application, healthy, lost_at, lost_reason, seen_at)
VALUES (:workspace, :connection_id, :name, :application, :healthy, :lost_at, :lost_reason, :seen_at)
ON CONFLICT (workspace, connection_id) DO UPDATE SET
    name = excluded.name, application = excluded.application, healthy = excluded.healthy, lost_at = excluded.lost_at,
    lost_reason = excluded.lost_reason, seen_at = excluded.seen_at

-- name: connections_all
SELECT * FROM connection WHERE workspace = :workspace ORDER BY connection_id

-- name: detail_get
SELECT * FROM detail WHERE workspace = :workspace AND recipe_id = :recipe_id AND fingerprint = :fingerprint

-- name: detail_put
INSERT INTO detail (workspace, recipe_id, fingerprint, http_code, failed_line, adapter, operation, read_at)
VALUES (:workspace, :recipe_id, :fingerprint, :http_code, :failed_line, :adapter, :operation, :read_at)
ON CONFLICT (workspace, recipe_id, fingerprint) DO UPDATE SET
    http_code = excluded.http_code, failed_line = excluded.failed_line, adapter = excluded.adapter,
    operation = excluded.operation, read_at = excluded.read_at
