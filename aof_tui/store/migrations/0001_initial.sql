-- Every table carries the workspace. Times are UTC seconds since 1970 (REAL); flags are 0 or 1; lists are JSON text.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE engine_run (
    epoch      INTEGER PRIMARY KEY,
    started_at REAL NOT NULL,
    pid        INTEGER NOT NULL,
    version    TEXT NOT NULL,
    boot_id    TEXT NOT NULL,
    mode       TEXT NOT NULL,
    ended_at   REAL,
    ended_how  TEXT
);

CREATE TABLE workspace (
    name              TEXT PRIMARY KEY,
    workspace_id      TEXT,
    paused_by         TEXT,
    paused_at         REAL,
    acting_stopped    TEXT,
    list_facts        TEXT NOT NULL DEFAULT '[]',
    max_lag_s         REAL NOT NULL DEFAULT 0,
    lag_at            REAL,
    sweep_started_at  REAL,
    swept_at          REAL,
    first_sweep_at    REAL,
    backlog_from      REAL,
    backlog_until     REAL,
    backlog_count     INTEGER NOT NULL DEFAULT 0,
    retry_tokens      REAL NOT NULL DEFAULT 1000,
    retry_tokens_at   REAL NOT NULL DEFAULT 0,
    retries_slowed    INTEGER NOT NULL DEFAULT 0,
    job_retention_s   REAL,
    task_cap          INTEGER
) WITHOUT ROWID;

CREATE TABLE recipe (
    workspace       TEXT NOT NULL,
    recipe_id       TEXT NOT NULL,
    name            TEXT NOT NULL,
    running         INTEGER NOT NULL,
    stop_cause      TEXT,
    stopped_at      REAL,
    failed_count    INTEGER NOT NULL,
    succeeded_count INTEGER NOT NULL,
    succeeded_seen  INTEGER NOT NULL DEFAULT 0,
    last_run_at     REAL,
    version_no      INTEGER,
    lifetime_tasks  INTEGER,
    project_id      TEXT,
    project         TEXT,
    folder_id       TEXT,
    applications    TEXT NOT NULL DEFAULT '[]',
    accounts        TEXT NOT NULL DEFAULT '[]',
    tags            TEXT NOT NULL DEFAULT '[]',
    marked_at       REAL,
    mark_count      INTEGER NOT NULL DEFAULT 0,
    watermark_job_id TEXT,
    watermark_at    REAL,
    read_at         REAL,
    read_errors     INTEGER NOT NULL DEFAULT 0,
    retry_read_at   REAL,
    unread_since    REAL,
    walked_to       REAL,
    read_whole_at   REAL,
    walked_count    INTEGER,
    unaccounted     INTEGER NOT NULL DEFAULT 0,
    rereads         INTEGER NOT NULL DEFAULT 0,
    missed_sweeps   INTEGER NOT NULL DEFAULT 0,
    gone_at         REAL,
    PRIMARY KEY (workspace, recipe_id)
) WITHOUT ROWID;

CREATE INDEX recipe_moved ON recipe (workspace, (mark_count = 0), marked_at, last_run_at, recipe_id)
    WHERE marked_at IS NOT NULL;

CREATE INDEX recipe_read_whole ON recipe (workspace, ifnull(read_whole_at, 0), recipe_id) WHERE gone_at IS NULL;

CREATE TABLE connection (
    workspace     TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    name          TEXT NOT NULL,
    application   TEXT NOT NULL,
    healthy       INTEGER NOT NULL,
    lost_at       REAL,
    lost_reason   TEXT,
    seen_at       REAL NOT NULL,
    PRIMARY KEY (workspace, connection_id)
) WITHOUT ROWID;

CREATE TABLE breaker (
    workspace       TEXT NOT NULL,
    downstream      TEXT NOT NULL,
    state           TEXT NOT NULL,
    tally           TEXT NOT NULL,
    cause           TEXT,
    pause_s         REAL,
    opened_at       REAL,
    opened_by       TEXT,
    next_probe_at   REAL,
    probed_at       REAL,
    probe           TEXT,
    succeeded_total INTEGER,
    releasing       INTEGER NOT NULL,
    parent          TEXT NOT NULL,
    put_at          REAL NOT NULL,
    PRIMARY KEY (workspace, downstream),
    CHECK ((state = 'half_open') = (probe IS NOT NULL))
) WITHOUT ROWID;

CREATE TABLE run (
    workspace     TEXT NOT NULL,
    job_id        TEXT NOT NULL,
    recipe_id     TEXT NOT NULL,
    master_job_id TEXT NOT NULL,
    status        TEXT NOT NULL,
    source        TEXT NOT NULL,
    started_at    REAL,
    completed_at  REAL,
    error         TEXT,
    walked        INTEGER NOT NULL DEFAULT 0,
    missing_since REAL,
    seen_at       REAL NOT NULL,
    PRIMARY KEY (workspace, job_id)
) WITHOUT ROWID;

CREATE INDEX run_lineage ON run (workspace, master_job_id);
CREATE INDEX run_recipe ON run (workspace, recipe_id, started_at);
CREATE INDEX run_open ON run (workspace, recipe_id, started_at) WHERE completed_at IS NULL;

CREATE TABLE failure (
    workspace       TEXT NOT NULL,
    master_job_id   TEXT NOT NULL,
    recipe_id       TEXT NOT NULL,
    status          TEXT NOT NULL,
    reason          TEXT,
    title           TEXT NOT NULL,
    error           TEXT NOT NULL,
    error_type      TEXT,
    adapter         TEXT,
    message         TEXT,
    http_code       INTEGER,
    line_number     INTEGER,
    action          TEXT,
    category        TEXT NOT NULL,
    classify_rule   TEXT NOT NULL,
    fingerprint     TEXT NOT NULL,
    repeat_choice   TEXT NOT NULL,
    policy          TEXT NOT NULL,
    severity        TEXT NOT NULL,
    when_in_doubt   TEXT NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    max_attempts    INTEGER NOT NULL,
    forced          INTEGER NOT NULL DEFAULT 0,
    external        INTEGER NOT NULL DEFAULT 0,
    rejections      INTEGER NOT NULL DEFAULT 0,
    first_failed_at REAL NOT NULL,
    last_failed_at  REAL NOT NULL,
    recorded_at     REAL NOT NULL,
    next_action_at  REAL,
    newest_job_id   TEXT NOT NULL,
    newest_status   TEXT NOT NULL,
    incident_id     INTEGER,
    draw            TEXT NOT NULL,
    succeeded_at    REAL,
    downstream      TEXT,
    held_by         TEXT,
    held_since      REAL,
    stood_still_s   REAL NOT NULL DEFAULT 0,
    undecided_until REAL,
    forced_by       TEXT,
    called          INTEGER NOT NULL DEFAULT 0,
    poll_error      INTEGER NOT NULL DEFAULT 0,
    root_job_id     TEXT,
    version_no      INTEGER,
    same_version    INTEGER NOT NULL DEFAULT 0,
    ended_at        REAL,
    PRIMARY KEY (workspace, master_job_id),
    CHECK ((status IN ('scheduled', 'repeating', 'in_doubt', 'watching')) = (next_action_at IS NOT NULL))
) WITHOUT ROWID;

CREATE INDEX failure_due ON failure (workspace, next_action_at)
    WHERE status IN ('scheduled', 'repeating', 'in_doubt', 'watching');
CREATE INDEX failure_recipe ON failure (workspace, recipe_id, status);
CREATE INDEX failure_incident ON failure (incident_id, status);
CREATE INDEX failure_held_by ON failure (workspace, held_by) WHERE status = 'held' AND held_by IS NOT NULL;
CREATE INDEX failure_waiting_of_downstream ON failure (workspace, downstream)
    WHERE status = 'scheduled' AND downstream IS NOT NULL;
-- Listings read these alone, whatever they filter by (text apart): sort column, key, then what can be filtered.
CREATE INDEX failure_listed ON failure
    (last_failed_at, workspace, master_job_id, status, category, recipe_id, attempts, next_action_at);
CREATE INDEX failure_open_by_last_failed ON failure
    (last_failed_at, workspace, master_job_id, status, category, recipe_id)
    WHERE status NOT IN ('recovered', 'closed');
CREATE INDEX failure_open_by_next_action ON failure
    (ifnull(next_action_at, 1e18), workspace, master_job_id, status, category, recipe_id, next_action_at)
    WHERE status NOT IN ('recovered', 'closed');
CREATE INDEX failure_open_by_status ON failure (status, workspace, master_job_id, category, recipe_id)
    WHERE status NOT IN ('recovered', 'closed');
CREATE INDEX failure_open_by_category ON failure (category, workspace, master_job_id, status, recipe_id)
    WHERE status NOT IN ('recovered', 'closed');
CREATE INDEX failure_open_by_attempts ON failure (attempts, workspace, master_job_id, status, category, recipe_id)
    WHERE status NOT IN ('recovered', 'closed');
CREATE INDEX failure_open_counted ON failure (workspace, status) WHERE status NOT IN ('recovered', 'closed');
-- Whose job is lost first.
CREATE INDEX failure_open_first ON failure (workspace, first_failed_at) WHERE status NOT IN ('recovered', 'closed');
CREATE INDEX failure_called ON failure (workspace, root_job_id) WHERE root_job_id IS NOT NULL;
CREATE INDEX failure_recorded ON failure (workspace, recorded_at);
CREATE INDEX failure_status ON failure (workspace, status);
CREATE INDEX failure_ended ON failure (ended_at, status) WHERE ended_at IS NOT NULL;

CREATE TABLE dispatch (
    dispatch_id      TEXT PRIMARY KEY,
    workspace        TEXT NOT NULL,
    recipe_id        TEXT NOT NULL,
    kind             TEXT NOT NULL DEFAULT 'repeat',
    master_job_id    TEXT,
    epoch            INTEGER NOT NULL,
    state            TEXT NOT NULL,
    when_in_doubt    TEXT NOT NULL,
    forced           INTEGER NOT NULL DEFAULT 0,
    prepared_at      REAL NOT NULL,
    sending_at       REAL,
    sending_boot     REAL,
    boot_id          TEXT NOT NULL,
    settle_until     REAL,
    answered_at      REAL,
    http_status      INTEGER,
    outcome          TEXT,
    absent_reads     INTEGER NOT NULL DEFAULT 0,
    absent_read_boot REAL
) WITHOUT ROWID;

CREATE INDEX dispatch_open ON dispatch (workspace, recipe_id)
    WHERE state IN ('prepared', 'sending', 'unknown');
-- A fallback is started by itself once for each lineage; what was proven not to have started it does not count.
CREATE UNIQUE INDEX dispatch_one_fallback ON dispatch (workspace, master_job_id)
    WHERE kind = 'fallback' AND forced = 0 AND state != 'not_sent';
CREATE INDEX dispatch_fallbacks ON dispatch (workspace, master_job_id) WHERE kind = 'fallback';

CREATE TABLE fallback (
    workspace     TEXT NOT NULL,
    master_job_id TEXT NOT NULL,
    name          TEXT NOT NULL,
    recipe_id     TEXT NOT NULL,
    state         TEXT NOT NULL,
    planned_at    REAL NOT NULL,
    next_at       REAL,
    forced_by     TEXT,
    unsent        INTEGER NOT NULL DEFAULT 0,
    dispatch_id   TEXT,
    sent_at       REAL,
    job_id        TEXT,
    PRIMARY KEY (workspace, master_job_id),
    CHECK ((state != 'planned') OR (next_at IS NOT NULL))
) WITHOUT ROWID;

CREATE INDEX fallback_recipe ON fallback (workspace, recipe_id);
CREATE INDEX fallback_next ON fallback (workspace, state, next_at) WHERE next_at IS NOT NULL;

CREATE TABLE attempt (
    attempt_id    INTEGER PRIMARY KEY,
    workspace     TEXT NOT NULL,
    master_job_id TEXT NOT NULL,
    number        INTEGER NOT NULL,
    forced        INTEGER NOT NULL,
    actor         TEXT NOT NULL,
    state         TEXT NOT NULL,
    dispatch_id   TEXT NOT NULL REFERENCES dispatch (dispatch_id),
    sent_job_id   TEXT NOT NULL,
    baseline      TEXT NOT NULL,
    decided_at    REAL NOT NULL,
    new_job_id    TEXT,
    outcome       TEXT,
    seen_at       REAL,
    tasks         INTEGER
);

CREATE UNIQUE INDEX attempt_single_flight ON attempt (workspace, master_job_id)
    WHERE state IN ('prepared', 'sending', 'unknown');
CREATE INDEX attempt_lineage ON attempt (workspace, master_job_id);
CREATE INDEX attempt_dispatch ON attempt (dispatch_id);

CREATE TABLE detail (
    workspace   TEXT NOT NULL,
    recipe_id   TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    http_code   INTEGER,
    failed_line INTEGER,
    adapter     TEXT,
    operation   TEXT,
    read_at     REAL NOT NULL,
    PRIMARY KEY (workspace, recipe_id, fingerprint)
) WITHOUT ROWID;

CREATE TABLE incident (
    incident_id     INTEGER PRIMARY KEY,
    workspace       TEXT NOT NULL,
    kind            TEXT NOT NULL,
    scope           TEXT NOT NULL,
    fingerprint     TEXT NOT NULL,
    status          TEXT NOT NULL,
    novelty         TEXT NOT NULL,
    category        TEXT NOT NULL,
    severity        TEXT NOT NULL,
    title           TEXT NOT NULL,
    level           INTEGER NOT NULL DEFAULT 0,
    total           INTEGER NOT NULL DEFAULT 0,
    first_seen_at   REAL NOT NULL,
    last_seen_at    REAL NOT NULL,
    check_at        REAL,
    told_at         REAL,
    told_kind       TEXT,
    escalate_at     REAL,
    remind_at       REAL,
    acknowledged_by TEXT,
    snoozed_until   REAL,
    assignee        TEXT,
    resolved_at     REAL
);

CREATE UNIQUE INDEX incident_identity ON incident (workspace, kind, scope, fingerprint) WHERE status != 'resolved';
CREATE INDEX incident_former ON incident (workspace, kind, scope, fingerprint, resolved_at);
CREATE INDEX incident_unresolved ON incident (workspace, check_at) WHERE status != 'resolved';
CREATE INDEX incident_last ON incident (last_seen_at);

CREATE TABLE event (
    sequence      INTEGER PRIMARY KEY AUTOINCREMENT,
    at            REAL NOT NULL,
    workspace     TEXT NOT NULL,
    kind          TEXT NOT NULL,
    level         TEXT NOT NULL,
    actor         TEXT NOT NULL,
    recipe_id     TEXT,
    master_job_id TEXT,
    incident_id   INTEGER,
    dispatch_id   TEXT,
    text          TEXT NOT NULL,
    data          TEXT NOT NULL
);

CREATE INDEX event_job ON event (workspace, master_job_id, sequence) WHERE master_job_id IS NOT NULL;
CREATE INDEX event_incident ON event (incident_id, sequence) WHERE incident_id IS NOT NULL;
CREATE INDEX event_kind ON event (kind, sequence);
CREATE INDEX event_reported ON event (workspace, kind, at)
    WHERE kind IN ('failure.recorded', 'failure.recovered', 'failure.exhausted', 'failure.referred', 'failure.held',
                   'repeat.accepted');
CREATE TRIGGER event_is_final BEFORE UPDATE ON event
BEGIN
    SELECT RAISE(ABORT, 'events are never updated');
END;

-- How many events there are, kept beside them because counting a million for each scroll bar is too slow.
CREATE TABLE event_total (
    workspace TEXT PRIMARY KEY,
    amount    INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TRIGGER event_added AFTER INSERT ON event
BEGIN
    INSERT INTO event_total (workspace, amount) VALUES (new.workspace, 1)
    ON CONFLICT (workspace) DO UPDATE SET amount = amount + 1;
END;
CREATE TRIGGER event_removed AFTER DELETE ON event
BEGIN
    UPDATE event_total SET amount = amount - 1 WHERE workspace = old.workspace;
END;

CREATE TABLE outbox (
    notification_id INTEGER PRIMARY KEY,
    workspace       TEXT NOT NULL,
    kind            TEXT NOT NULL,
    receiver        TEXT NOT NULL,
    channel         TEXT NOT NULL,
    reference       TEXT NOT NULL,
    incident_id     INTEGER,
    master_job_id   TEXT,
    summary         TEXT NOT NULL,
    body            TEXT NOT NULL,
    state           TEXT NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    created_at      REAL NOT NULL,
    next_try_at     REAL,
    delivered_at    REAL,
    error           TEXT,
    digest          TEXT
);

CREATE INDEX outbox_pending ON outbox (next_try_at) WHERE state = 'pending';
CREATE INDEX outbox_created ON outbox (created_at);
CREATE INDEX outbox_listed ON outbox (state, workspace, receiver);
CREATE INDEX outbox_incident ON outbox (incident_id) WHERE incident_id IS NOT NULL;

CREATE TABLE report_run (
    name      TEXT PRIMARY KEY,
    last_slot REAL NOT NULL
) WITHOUT ROWID;

-- What was counted, by UTC hour; hours long past are folded into their day. `start` is the begin of the hour.
CREATE TABLE metric (
    workspace TEXT NOT NULL,
    scope     TEXT NOT NULL,
    start     INTEGER NOT NULL,
    subject   TEXT NOT NULL,
    measure   TEXT NOT NULL,
    amount    INTEGER NOT NULL,
    PRIMARY KEY (workspace, scope, start, subject, measure)
) WITHOUT ROWID;

-- When a downstream was not available, and by what this was known: its connection, or its breaker.
CREATE TABLE outage (
    workspace  TEXT NOT NULL,
    downstream TEXT NOT NULL,
    cause      TEXT NOT NULL,
    began_at   REAL NOT NULL,
    ended_at   REAL,
    PRIMARY KEY (workspace, downstream, cause, began_at)
) WITHOUT ROWID;

-- Tasks that repeats of a month are reckoned to cost; `unpriced` counts repeats of recipes of unknown price.
CREATE TABLE task_month (
    workspace TEXT NOT NULL,
    month     TEXT NOT NULL,
    automatic INTEGER NOT NULL DEFAULT 0,
    forced    INTEGER NOT NULL DEFAULT 0,
    unpriced  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace, month)
) WITHOUT ROWID;

-- How each recipe runs, as far as it was watched: what is far longer than its longest gap is a silence.
CREATE TABLE rhythm (
    workspace   TEXT NOT NULL,
    recipe_id   TEXT NOT NULL,
    since       REAL NOT NULL,
    last_run_at REAL,
    gaps        INTEGER NOT NULL DEFAULT 0,
    longest_s   REAL NOT NULL DEFAULT 0,
    awake       INTEGER NOT NULL,
    awake_since REAL NOT NULL,
    due_at      REAL,
    silent      INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace, recipe_id)
) WITHOUT ROWID;

CREATE INDEX rhythm_due ON rhythm (workspace, due_at) WHERE due_at IS NOT NULL AND silent = 0;

-- The last known state of each group of on-prem agents.
CREATE TABLE agent_group (
    workspace  TEXT NOT NULL,
    group_id   TEXT NOT NULL,
    name       TEXT NOT NULL,
    state      TEXT NOT NULL,
    lost       INTEGER NOT NULL,
    changed_at REAL NOT NULL,
    PRIMARY KEY (workspace, group_id)
) WITHOUT ROWID;

-- What the query planner must know of a store that has grown: almost all rows are of one workspace. Without it the
-- planner takes the workspace for a narrow choice and reads whole tables for one recipe or one lineage.
ANALYZE;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('recipe', 'recipe', '5000 5000 1'),
    ('recipe', 'recipe_moved', '500 500 250 50 2 1'),
    ('recipe', 'recipe_read_whole', '5000 5000 2 1'),
    ('run', 'run', '200000 200000 1'),
    ('run', 'run_lineage', '200000 200000 2 1'),
    ('run', 'run_recipe', '200000 200000 200 2 1'),
    ('failure', 'failure', '100000 100000 1'),
    ('failure', 'failure_due', '10000 10000 25 1'),
    ('failure', 'failure_recipe', '100000 100000 100 50 1'),
    ('failure', 'failure_open_counted', '20000 20000 5000 1'),
    ('failure', 'failure_recorded', '100000 100000 20 1'),
    ('failure', 'failure_status', '100000 100000 20000 1'),
    ('failure', 'failure_incident', '100000 100 50 50 1'),
    ('failure', 'failure_ended', '80000 20 20 20 1'),
    ('attempt', 'attempt_lineage', '100000 100000 2'),
    ('attempt', 'attempt_dispatch', '100000 10'),
    ('dispatch', 'dispatch_open', '100 100 2 1'),
    ('event', 'event_job', '500000 500000 10 1'),
    ('event', 'event_kind', '1000000 20000 1');
ANALYZE sqlite_schema;
