-- name: workspace_ensure
INSERT INTO workspace (name) VALUES (:name) ON CONFLICT (name) DO NOTHING

-- name: workspace_get
SELECT * FROM workspace WHERE name = :name

-- name: workspace_pin
UPDATE workspace SET workspace_id = :workspace_id WHERE name = :name

-- name: workspace_pause
UPDATE workspace SET paused_by = :paused_by, paused_at = :paused_at WHERE name = :name

-- name: workspace_stop_acting
UPDATE workspace SET acting_stopped = :acting_stopped WHERE name = :name

-- name: workspace_sweep_started
UPDATE workspace SET sweep_started_at = :at WHERE name = :name

-- name: workspace_swept
UPDATE workspace SET swept_at = :at, first_sweep_at = COALESCE(first_sweep_at, :at) WHERE name = :name

-- name: workspace_backlog_from
UPDATE workspace SET backlog_from = :at, backlog_until = :at, backlog_count = 0 WHERE name = :name

-- name: workspace_backlog_until
UPDATE workspace SET backlog_until = :until WHERE name = :name

-- name: workspace_backlog_counted
UPDATE workspace SET backlog_count = backlog_count + 1 WHERE name = :name

-- name: workspace_backlog_over
UPDATE workspace SET backlog_from = NULL, backlog_until = NULL, backlog_count = 0 WHERE name = :name

-- name: workspace_retry_budget
UPDATE workspace SET retry_tokens = :tokens, retry_tokens_at = :at, retries_slowed = :slowed WHERE name = :name

-- name: workspace_list_facts
UPDATE workspace SET list_facts = :list_facts WHERE name = :name

-- name: workspace_lag
UPDATE workspace SET max_lag_s = :lag_s, lag_at = :lag_at WHERE name = :name

-- name: meta_get
SELECT value FROM meta WHERE key = :key

-- name: meta_put
INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value

-- name: meta_fill
-- So many bytes, which SQLite makes itself while it writes them.
INSERT INTO meta (key, value) VALUES (:key, zeroblob(:bytes)) ON CONFLICT (key) DO UPDATE SET value = excluded.value

-- name: report_slot
SELECT last_slot FROM report_run WHERE name = :name

-- name: report_slot_put
INSERT INTO report_run (name, last_slot) VALUES (:name, :last_slot)
ON CONFLICT (name) DO UPDATE SET last_slot = excluded.last_slot
