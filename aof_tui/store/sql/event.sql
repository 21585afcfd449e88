-- name: event_insert
INSERT INTO event (at, workspace, kind, level, actor, recipe_id, master_job_id, incident_id, dispatch_id, text, data)
VALUES (:at, :workspace, :kind, :level, :actor, :recipe_id, :master_job_id, :incident_id, :dispatch_id, :text, :data)

-- name: rival_noted
SELECT 1 AS noted FROM event
WHERE workspace = :workspace AND master_job_id = :master_job_id AND kind = 'rival.suspected'
  AND json_extract(data, '$.run') = :run
LIMIT 1

-- name: rivals_suspected
-- How often somebody else repeated what was due, since a time and since a person last allowed acting; one read's
-- failures count once.
SELECT COUNT(DISTINCT json_extract(data, '$.draw')) AS amount FROM event
WHERE kind = 'rival.suspected' AND workspace = :workspace AND at > :since
  AND sequence > IFNULL(
      (SELECT MAX(sequence) FROM event WHERE kind = 'acting.allowed' AND workspace = :workspace), 0
  )
