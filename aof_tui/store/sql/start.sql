-- name: start_insert
INSERT INTO dispatch (dispatch_id, kind, workspace, recipe_id, epoch, state, when_in_doubt, forced, prepared_at, boot_id)
VALUES (:dispatch_id, 'start', :workspace, :recipe_id, :epoch, 'prepared', 'hold', 1, :prepared_at, :boot_id)

-- name: starts_open  Requests to start a recipe of which nobody knows yet what became.
SELECT * FROM dispatch
WHERE workspace = :workspace AND kind = 'start' AND state IN ('prepared', 'sending', 'unknown')
ORDER BY prepared_at, dispatch_id

-- name: starts_open_of_recipe
SELECT COUNT(*) AS amount FROM dispatch
WHERE workspace = :workspace AND recipe_id = :recipe_id AND kind = 'start' AND state IN ('prepared', 'sending', 'unknown')
