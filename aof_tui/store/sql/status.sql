-- name: event_totals
SELECT workspace, amount FROM event_total ORDER BY workspace;

-- name: status_workspaces  What the header shows of each workspace.
SELECT
    workspace.name, workspace.paused_by, workspace.paused_at, workspace.acting_stopped, workspace.swept_at,
    (SELECT count(*) FROM incident WHERE incident.workspace = workspace.name AND incident.status != 'resolved')
        AS open_incidents,
    (SELECT count(*) FROM recipe WHERE recipe.workspace = workspace.name AND recipe.marked_at IS NOT NULL) AS queue,
    (SELECT count(*) FROM recipe
     WHERE recipe.workspace = workspace.name AND recipe.marked_at IS NOT NULL AND recipe.mark_count = 0) AS first_reads,
    (SELECT min(marked_at) FROM recipe
     WHERE recipe.workspace = workspace.name AND recipe.marked_at IS NOT NULL
       AND (recipe.mark_count > 0 OR recipe.read_errors > 0))
        AS oldest_mark_at
FROM workspace
ORDER BY workspace.name;

-- name: status_failures  Open failures, and final ones that ended since then, by status.
SELECT workspace, status, count(*) AS amount
FROM failure INDEXED BY failure_open_counted
WHERE status NOT IN ('recovered', 'closed')
GROUP BY workspace, status
UNION ALL
SELECT workspace, status, count(*) AS amount
FROM failure INDEXED BY failure_ended
WHERE ended_at >= :ended_since AND status IN ('recovered', 'closed')
GROUP BY workspace, status;

-- name: status_totals  What is under way in the whole store.
SELECT
    (SELECT count(*) FROM dispatch WHERE state IN ('prepared', 'sending', 'unknown')) AS open_dispatches,
    (SELECT count(*) FROM outbox WHERE state = 'pending') AS notices_pending,
    (SELECT count(*) FROM outbox WHERE state = 'dead') AS notices_dead;

-- name: last_engine_run
SELECT epoch, started_at, pid, version, boot_id, mode, ended_at FROM engine_run ORDER BY epoch DESC LIMIT 1;
