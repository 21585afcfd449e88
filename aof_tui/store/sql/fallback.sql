-- name: fallback_put
INSERT INTO fallback (workspace, master_job_id, name, recipe_id, state, planned_at, next_at, forced_by, unsent,
                      dispatch_id, sent_at, job_id)
VALUES (:workspace, :master_job_id, :name, :recipe_id, :state, :planned_at, :next_at, :forced_by, :unsent,
        :dispatch_id, :sent_at, :job_id)
ON CONFLICT (workspace, master_job_id) DO UPDATE SET
    name = excluded.name, recipe_id = excluded.recipe_id, state = excluded.state, planned_at = excluded.planned_at,
    next_at = excluded.next_at, forced_by = excluded.forced_by, unsent = excluded.unsent,
    dispatch_id = excluded.dispatch_id, sent_at = excluded.sent_at, job_id = excluded.job_id

-- name: fallback_get
SELECT * FROM fallback WHERE workspace = :workspace AND master_job_id = :master_job_id

-- name: fallback_first_planned
SELECT * FROM fallback WHERE workspace = :workspace AND state = 'planned' ORDER BY next_at, master_job_id LIMIT 1

-- name: fallback_first_followed
SELECT * FROM fallback WHERE workspace = :workspace AND state IN ('started', 'doubted') AND next_at IS NOT NULL
ORDER BY next_at, master_job_id LIMIT 1

-- name: fallbacks_followed_of_recipe
SELECT * FROM fallback
WHERE workspace = :workspace AND recipe_id = :recipe_id AND state IN ('started', 'doubted') AND next_at IS NOT NULL
ORDER BY sent_at, master_job_id

-- name: fallback_was_started
-- Whether the recipe was ever started as a fallback, whatever the configuration says of it now.
SELECT 1 FROM fallback WHERE workspace = :workspace AND recipe_id = :recipe_id AND sent_at IS NOT NULL LIMIT 1

-- name: fallbacks_in_doubt
-- Starts of which nobody knows whether they happened, and whose failure is still open.
SELECT COUNT(*) AS amount FROM fallback JOIN failure USING (workspace, master_job_id)
WHERE workspace = :workspace AND fallback.name = :name AND fallback.state = 'doubted'
  AND failure.status NOT IN ('recovered', 'closed')

-- name: fallback_alarms_over
-- Unresolved alarms about fallbacks that no open failure waits for any more.
SELECT scope FROM incident
WHERE incident.workspace = :workspace AND kind = 'fallback_failed' AND incident.status != 'resolved'
  AND NOT EXISTS (
      SELECT 1 FROM fallback JOIN failure USING (workspace, master_job_id)
      WHERE fallback.workspace = incident.workspace AND 'fallback:' || fallback.name = incident.scope
        AND fallback.state IN ('planned', 'starting', 'doubted', 'rejected')
        AND failure.status NOT IN ('recovered', 'closed')
  )
ORDER BY scope

-- name: fallback_dispatch_insert
INSERT INTO dispatch (dispatch_id, workspace, recipe_id, kind, master_job_id, epoch, state, when_in_doubt, forced,
                      prepared_at, boot_id)
VALUES (:dispatch_id, :workspace, :recipe_id, 'fallback', :master_job_id, :epoch, 'prepared', 'hold', :forced,
        :prepared_at, :boot_id)

-- name: fallback_dispatches_left
-- Without an outcome: in flight, or left so by an engine that ended.
SELECT * FROM dispatch WHERE workspace = :workspace AND kind = 'fallback' AND state IN ('prepared', 'sending')
ORDER BY prepared_at, dispatch_id

-- name: story_fallback_dispatches  The newest starts of fallback recipes for a lineage.
SELECT dispatch.*, recipe.name AS recipe
FROM dispatch LEFT JOIN recipe USING (workspace, recipe_id)
WHERE dispatch.workspace = :workspace AND dispatch.master_job_id = :master_job_id AND dispatch.kind = 'fallback'
ORDER BY dispatch.prepared_at DESC, dispatch.dispatch_id DESC
LIMIT :most

-- name: story_fallback
SELECT fallback.*, recipe.name AS recipe
FROM fallback LEFT JOIN recipe USING (workspace, recipe_id)
WHERE fallback.workspace = :workspace AND fallback.master_job_id = :master_job_id

-- name: retention_delete_fallback
DELETE FROM fallback WHERE workspace = :workspace AND master_job_id = :master_job_id
