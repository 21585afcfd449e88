-- name: run_put
-- `walked` stays set once a completed walk over the repeated runs has recorded the run's end.
INSERT INTO run (workspace, job_id, recipe_id, master_job_id, status, source, started_at, completed_at, error, walked,
                 seen_at)
VALUES (:workspace, :job_id, :recipe_id, :master_job_id, :status, :source, :started_at, :completed_at, :error, :walked,
        :seen_at)
ON CONFLICT (workspace, job_id) DO UPDATE SET
    status = excluded.status, source = excluded.source, started_at = COALESCE(excluded.started_at, run.started_at),
    completed_at = COALESCE(excluded.completed_at, run.completed_at), error = COALESCE(excluded.error, run.error),
    walked = MAX(run.walked, excluded.walked), missing_since = NULL

-- name: run_source
UPDATE run SET source = :source WHERE workspace = :workspace AND job_id = :job_id

-- name: runs_of_lineage
SELECT * FROM run WHERE workspace = :workspace AND master_job_id = :master_job_id ORDER BY started_at, job_id

-- name: run_missing
UPDATE run SET missing_since = :since WHERE workspace = :workspace AND job_id = :job_id

-- name: runs_known
-- What is recorded of the runs named in a JSON list of ids.
SELECT job_id, status, walked, seen_at FROM run
WHERE workspace = :workspace AND job_id IN (SELECT value FROM json_each(:job_ids))

-- name: runs_overtaken
-- Runs of followed lineages that were seen under way, and of whose lineage a newer run is recorded.
SELECT older.job_id, older.missing_since, older.master_job_id,
       (SELECT newer.job_id FROM run AS newer
        WHERE newer.workspace = older.workspace AND newer.master_job_id = older.master_job_id
        ORDER BY newer.started_at DESC, newer.job_id DESC LIMIT 1) AS newest_job_id
FROM run AS older
JOIN failure ON failure.workspace = older.workspace AND failure.master_job_id = older.master_job_id
WHERE older.workspace = :workspace AND older.recipe_id = :recipe_id
  AND (failure.status = 'watching' OR failure.reason = 'run_stuck')
  AND older.status NOT IN ('succeeded', 'failed', 'cancelled')
  AND EXISTS (SELECT 1 FROM run AS newer
              WHERE newer.workspace = older.workspace AND newer.master_job_id = older.master_job_id
                AND newer.started_at > older.started_at)
ORDER BY older.job_id

-- name: originals_known
-- When the originals of the lineages named in a JSON list began and ended, as far as known.
SELECT job_id, started_at, completed_at FROM run
WHERE workspace = :workspace AND job_id IN (SELECT value FROM json_each(:master_job_ids))
  AND started_at IS NOT NULL AND completed_at IS NOT NULL

-- name: lineages_oldest_moving
-- When the oldest lineage of a recipe that may be repeated, or is being followed, began.
-- An original that was never listed may have begun at any time.
-- With it, when the oldest repeat began whose end is not recorded, and how far back complete walks have recorded all.
SELECT MIN(COALESCE(run.started_at, 0)) AS at,
       (SELECT MIN(COALESCE(open.started_at, 0)) FROM run AS open
        WHERE open.workspace = :workspace AND open.recipe_id = :recipe_id AND open.completed_at IS NULL
          AND open.status NOT IN ('succeeded', 'failed', 'cancelled') AND open.master_job_id != open.job_id
       ) AS open_since,
       (SELECT walked_to FROM recipe WHERE workspace = :workspace AND recipe_id = :recipe_id) AS walked_to
FROM failure LEFT JOIN run ON run.workspace = failure.workspace AND run.job_id = failure.master_job_id
WHERE failure.workspace = :workspace AND failure.recipe_id = :recipe_id
  AND (failure.status IN ('scheduled', 'repeating', 'in_doubt', 'watching')
       OR (:resting AND failure.status IN ('held', 'exhausted', 'needs_person')))
