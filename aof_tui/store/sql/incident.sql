-- name: incident_insert
INSERT INTO incident (workspace, kind, scope, fingerprint, status, novelty, category, severity, title, level, total,
                      first_seen_at, last_seen_at, check_at, escalate_at, remind_at)
VALUES (:workspace, :kind, :scope, :fingerprint, :status, :novelty, :category, :severity, :title, 0, :total,
        :first_seen_at, :last_seen_at, :check_at, :escalate_at, :remind_at)

-- name: incident_update
UPDATE incident SET
    status = :status, novelty = :novelty, category = :category, severity = :severity, title = :title, level = :level,
    total = :total, last_seen_at = :last_seen_at, check_at = :check_at, told_at = :told_at, told_kind = :told_kind,
    escalate_at = :escalate_at, remind_at = :remind_at, acknowledged_by = :acknowledged_by,
    snoozed_until = :snoozed_until, assignee = :assignee, resolved_at = :resolved_at
WHERE incident_id = :incident_id

-- name: incident_get
SELECT * FROM incident WHERE incident_id = :incident_id

-- name: incident_latest
-- The newest incident of an identity: the unresolved one, else the one resolved last.
SELECT * FROM incident
WHERE workspace = :workspace AND kind = :kind AND scope = :scope AND fingerprint = :fingerprint
ORDER BY status = 'resolved', resolved_at DESC, incident_id DESC LIMIT 1

-- name: incidents_of_scope  Those that are not resolved.
SELECT * FROM incident WHERE workspace = :workspace AND scope = :scope AND status != 'resolved' ORDER BY incident_id

-- name: incidents_due
SELECT * FROM incident WHERE workspace = :workspace AND status != 'resolved' AND check_at <= :now
ORDER BY check_at, incident_id LIMIT :limit

-- name: incident_next_check
SELECT MIN(check_at) AS at FROM incident WHERE workspace = :workspace AND status != 'resolved'
