-- name: rhythms_changed  Recipes that ran, stopped or came since they were last looked at; nearly always few or none.
SELECT recipe.*, rhythm.since AS since, rhythm.last_run_at AS known_run_at, rhythm.gaps AS gaps,
       rhythm.longest_s AS longest_s, rhythm.awake AS awake, rhythm.awake_since AS awake_since,
       rhythm.due_at AS due_at, rhythm.silent AS silent
FROM recipe
LEFT JOIN rhythm ON rhythm.workspace = recipe.workspace AND rhythm.recipe_id = recipe.recipe_id
WHERE recipe.workspace = :workspace
  AND (rhythm.recipe_id IS NULL OR COALESCE(recipe.last_run_at, 0) != COALESCE(rhythm.last_run_at, 0)
       OR rhythm.awake != CASE WHEN recipe.running = 1 AND recipe.gone_at IS NULL THEN 1 ELSE 0 END)
ORDER BY recipe.recipe_id LIMIT :limit

-- name: rhythms_awake  All that run, for when what is declared may have changed.
SELECT recipe.*, rhythm.since AS since, rhythm.last_run_at AS known_run_at, rhythm.gaps AS gaps,
       rhythm.longest_s AS longest_s, rhythm.awake AS awake, rhythm.awake_since AS awake_since,
       rhythm.due_at AS due_at, rhythm.silent AS silent
FROM rhythm
JOIN recipe ON recipe.workspace = rhythm.workspace AND recipe.recipe_id = rhythm.recipe_id
WHERE rhythm.workspace = :workspace AND rhythm.awake = 1 AND rhythm.recipe_id > :after
ORDER BY rhythm.recipe_id LIMIT :limit

-- name: rhythms_overdue
SELECT recipe.*, rhythm.due_at AS due_at, rhythm.awake_since AS awake_since
FROM rhythm
JOIN recipe ON recipe.workspace = rhythm.workspace AND recipe.recipe_id = rhythm.recipe_id
WHERE rhythm.workspace = :workspace AND rhythm.due_at <= :until AND rhythm.due_at IS NOT NULL AND rhythm.silent = 0
ORDER BY rhythm.due_at, rhythm.recipe_id LIMIT :limit

-- name: rhythm_put
INSERT INTO rhythm (workspace, recipe_id, since, last_run_at, gaps, longest_s, awake, awake_since, due_at, silent)
VALUES (:workspace, :recipe_id, :since, :last_run_at, :gaps, :longest_s, :awake, :awake_since, :due_at, :silent)
ON CONFLICT (workspace, recipe_id) DO UPDATE SET
    last_run_at = excluded.last_run_at, gaps = excluded.gaps, longest_s = excluded.longest_s, awake = excluded.awake,
    awake_since = excluded.awake_since, due_at = excluded.due_at, silent = excluded.silent

-- name: rhythm_plan
UPDATE rhythm SET due_at = :due_at, silent = :silent WHERE workspace = :workspace AND recipe_id = :recipe_id

-- name: agent_groups
SELECT * FROM agent_group WHERE workspace = :workspace ORDER BY group_id

-- name: agent_group_put
INSERT INTO agent_group (workspace, group_id, name, state, lost, changed_at)
VALUES (:workspace, :group_id, :name, :state, :lost, :changed_at)
ON CONFLICT (workspace, group_id) DO UPDATE SET
    name = excluded.name, state = excluded.state, lost = excluded.lost, changed_at = excluded.changed_at

-- name: agent_group_delete
DELETE FROM agent_group WHERE workspace = :workspace AND group_id = :group_id
