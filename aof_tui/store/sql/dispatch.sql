-- name: dispatch_insert
INSERT INTO dispatch (dispatch_id, workspace, recipe_id, epoch, state, when_in_doubt, forced, prepared_at, boot_id)
VALUES (:dispatch_id, :workspace, :recipe_id, :epoch, 'prepared', :when_in_doubt, :forced, :prepared_at, :boot_id)

-- name: dispatch_sending
UPDATE dispatch
SET state = 'sending', sending_at = :sending_at, sending_boot = :sending_boot, settle_until = :settle_until
WHERE dispatch_id = :dispatch_id AND state = 'prepared'

-- name: dispatch_outcome
UPDATE dispatch
SET state = :state, answered_at = :answered_at, http_status = :http_status, outcome = :outcome,
    settle_until = COALESCE(:settle_until, settle_until)
WHERE dispatch_id = :dispatch_id

-- name: dispatch_read_absent
UPDATE dispatch SET absent_reads = :absent_reads, absent_read_boot = :absent_read_boot, boot_id = :boot_id
WHERE dispatch_id = :dispatch_id

-- name: dispatch_state
UPDATE dispatch SET state = :state WHERE dispatch_id = :dispatch_id

-- name: dispatch_get
SELECT * FROM dispatch WHERE dispatch_id = :dispatch_id

-- name: dispatches_left
-- Without an outcome: in flight, or left so by an engine that ended.
SELECT * FROM dispatch WHERE workspace = :workspace AND kind = 'repeat' AND state IN ('prepared', 'sending')
ORDER BY prepared_at, dispatch_id

-- name: dispatches_in_doubt
-- The list of states names the index: without it all dispatches ever made are looked through.
SELECT * FROM dispatch
WHERE workspace = :workspace AND recipe_id = :recipe_id AND kind = 'repeat' AND state = 'unknown'
  AND state IN ('prepared', 'sending', 'unknown')
ORDER BY prepared_at, dispatch_id

-- name: attempt_insert
INSERT INTO attempt (workspace, master_job_id, number, forced, actor, state, dispatch_id, sent_job_id, baseline,
                     decided_at, tasks)
VALUES (:workspace, :master_job_id, :number, :forced, :actor, 'prepared', :dispatch_id, :sent_job_id, :baseline,
        :decided_at, :tasks)

-- name: attempts_sending
UPDATE attempt SET state = 'sending' WHERE dispatch_id = :dispatch_id AND state = 'prepared'

-- name: attempt_state
UPDATE attempt SET state = :state, outcome = COALESCE(:outcome, outcome) WHERE attempt_id = :attempt_id

-- name: attempt_seen
UPDATE attempt SET new_job_id = :new_job_id, seen_at = :seen_at, state = :state WHERE attempt_id = :attempt_id

-- name: attempts_of_dispatch
SELECT * FROM attempt WHERE dispatch_id = :dispatch_id ORDER BY attempt_id

-- name: attempts_of_lineage
SELECT attempt.*, dispatch.answered_at AS answered_at FROM attempt JOIN dispatch USING (dispatch_id)
WHERE attempt.workspace = :workspace AND attempt.master_job_id = :master_job_id ORDER BY attempt_id
