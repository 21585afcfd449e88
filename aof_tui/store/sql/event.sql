-- name: event_insert
INSERT INTO event (at, workspace, kind, level, actor, recipe_id, master_job_id, incident_id, dispatch_id, text, data)
VALUES (:at, :workspace, :kind, :level, :actor, :recipe_id, :master_job_id, :incident_id, :dispatch_id, :text, :data)
