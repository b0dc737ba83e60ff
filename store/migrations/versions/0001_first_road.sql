-- Places, people, devices ---------------------------------------------------------------------------------------
CREATE TABLE areas (
    path text COLLATE "C" PRIMARY KEY,
    level smallint NOT NULL,
    label text NOT NULL,
    lat double precision,
    lon double precision
);

INSERT INTO areas (path, level, label) VALUES ('/unplaced/', 0, '位置不明');

CREATE TABLE units (
    id text PRIMARY KEY,
    kind text NOT NULL,
    label text NOT NULL,
    area text COLLATE "C" NOT NULL,
    phone text
);
CREATE INDEX units_by_kind ON units (kind, area);

CREATE TABLE people (
    id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE,
    display_name text NOT NULL,
    password_hash text NOT NULL,
    roles text[] NOT NULL,
    areas text[] NOT NULL,
    unit text REFERENCES units (id),
    skills text[] NOT NULL DEFAULT '{}',
    active boolean NOT NULL DEFAULT true,
    failed_logins integer NOT NULL DEFAULT 0,
    locked_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX people_by_unit ON people (unit) WHERE active;

CREATE TABLE rosters (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES people (id),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    CHECK (starts_at < ends_at)
);
CREATE INDEX rosters_by_person ON rosters (person_id, ends_at);

CREATE TABLE sessions (
    token_hash bytea PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES people (id),
    csrf text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX sessions_by_person ON sessions (person_id);

CREATE TABLE devices (
    adapter text NOT NULL,
    device_id text NOT NULL,
    kind text NOT NULL DEFAULT 'unknown',
    label text NOT NULL DEFAULT '',
    place text COLLATE "C",
    registered boolean NOT NULL DEFAULT false,
    first_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (adapter, device_id)
);
CREATE INDEX devices_by_place ON devices (place);

-- Signals and perception ----------------------------------------------------------------------------------------
CREATE TABLE partition_seq (
    id smallint PRIMARY KEY,
    last bigint NOT NULL DEFAULT 0
);
CREATE TABLE partitions (
    id smallint PRIMARY KEY,
    epoch bigint NOT NULL DEFAULT 0,
    position bigint NOT NULL DEFAULT 0
);
INSERT INTO partition_seq (id) SELECT generate_series(0, 3);
INSERT INTO partitions (id) SELECT generate_series(0, 3);

CREATE TABLE inbox (
    id uuid PRIMARY KEY,
    partition smallint NOT NULL,
    seq bigint NOT NULL,
    digest bytea NOT NULL,
    body json NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (partition, seq)
);
CREATE INDEX inbox_by_age ON inbox (received_at);

CREATE TABLE signals (
    id uuid NOT NULL,
    partition smallint NOT NULL,
    seq bigint NOT NULL,
    adapter text NOT NULL,
    device_id text NOT NULL,
    type text NOT NULL,
    kind text NOT NULL,
    phase text NOT NULL,
    place text COLLATE "C",
    event_time timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    body json NOT NULL,
    PRIMARY KEY (id, received_at)
) PARTITION BY RANGE (received_at);
CREATE TABLE signals_default PARTITION OF signals DEFAULT;

-- Makes the partitions of this month and the next ones; called ahead of time, so that none begins in the default.
CREATE FUNCTION linli_ensure_months(ahead integer) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public AS $$
DECLARE
    month date := date_trunc('month', now() AT TIME ZONE 'UTC');
    name text;
BEGIN
    FOR step IN 0..ahead LOOP
        name := 'signals_' || to_char(month, 'YYYYMM');
        IF to_regclass(name) IS NULL THEN
            EXECUTE format('CREATE TABLE %I PARTITION OF signals FOR VALUES FROM (%L) TO (%L)', name,
                           month::timestamp AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
        END IF;
        month := (month + interval '1 month')::date;
    END LOOP;
END $$;
SELECT linli_ensure_months(2);
CREATE INDEX signals_by_arrival ON signals (received_at, id);
CREATE INDEX signals_by_device ON signals (adapter, device_id, event_time);

CREATE TABLE quarantine (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    adapter text NOT NULL,
    channel text NOT NULL DEFAULT '',
    reason text NOT NULL,
    field text,
    detail text NOT NULL DEFAULT '',
    mapping text,
    sha256 bytea NOT NULL,
    raw bytea NOT NULL,
    replayed_at timestamptz
);
CREATE INDEX quarantine_by_age ON quarantine (at, id);

CREATE TABLE perception_state (
    partition smallint NOT NULL,
    key text NOT NULL,
    state json NOT NULL,
    due_at timestamptz,
    PRIMARY KEY (partition, key)
);
CREATE INDEX perception_state_due ON perception_state (partition, due_at) WHERE due_at IS NOT NULL;

CREATE TABLE rulesets (
    hash text PRIMARY KEY,
    id text NOT NULL,
    stage text NOT NULL CHECK (stage IN ('draft', 'shadow', 'canary', 'active', 'retired')),
    definition text NOT NULL,
    template text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX rulesets_active ON rulesets (id) WHERE stage = 'active';

CREATE TABLE decisions (
    id uuid PRIMARY KEY,
    signal_id uuid,
    ruleset text NOT NULL,
    hash text NOT NULL,
    rule text,
    detection text NOT NULL,
    case_id uuid,
    at timestamptz NOT NULL,
    explanation json NOT NULL
);
CREATE INDEX decisions_by_signal ON decisions (signal_id);
CREATE INDEX decisions_by_case ON decisions (case_id) WHERE case_id IS NOT NULL;

-- Cases ---------------------------------------------------------------------------------------------------------
CREATE SEQUENCE case_numbers;

CREATE TABLE cases (
    id uuid PRIMARY KEY,
    dedupe_key text NOT NULL,
    ruleset text NOT NULL,
    place text COLLATE "C" NOT NULL,
    received_at timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 0,
    head bytea NOT NULL DEFAULT '',
    state json,
    stage text NOT NULL DEFAULT 'received',
    ending text,
    number text UNIQUE,
    title text NOT NULL DEFAULT '',
    category text,
    priority text,
    priority_rank smallint,
    tier text,
    unit text,
    person uuid,
    next_due timestamptz,
    due_at timestamptz,
    stage_since timestamptz,
    filed_at timestamptz,
    closed_at timestamptz,
    checked_at timestamptz
);
CREATE UNIQUE INDEX cases_open_key ON cases (dedupe_key) WHERE closed_at IS NULL;
CREATE INDEX cases_next_due ON cases (next_due) WHERE closed_at IS NULL;
CREATE INDEX cases_never_started ON cases (received_at) WHERE version = 0;
CREATE INDEX cases_by_person ON cases (person, due_at) WHERE closed_at IS NULL;
CREATE INDEX cases_by_unit ON cases (unit) WHERE closed_at IS NULL;
CREATE INDEX cases_by_stage ON cases (stage, due_at, id) WHERE closed_at IS NULL;
CREATE INDEX cases_newest ON cases (received_at DESC, id DESC);
CREATE INDEX cases_by_place ON cases (place, received_at DESC);

CREATE TABLE case_inbox (
    seq bigserial PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases (id),
    body json NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    leased_until timestamptz NOT NULL DEFAULT '-infinity'
);
CREATE INDEX case_inbox_by_case ON case_inbox (case_id);
CREATE INDEX case_inbox_by_lease ON case_inbox (leased_until, seq);

CREATE TABLE case_events (
    case_id uuid NOT NULL REFERENCES cases (id),
    version integer NOT NULL,
    type text NOT NULL,
    v smallint NOT NULL,
    data json NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    actor_name text NOT NULL,
    transport text NOT NULL,
    command_id uuid,
    hash bytea NOT NULL,
    PRIMARY KEY (case_id, version)
);

CREATE TABLE commands (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases (id),
    actor text NOT NULL,
    name text NOT NULL,
    body json NOT NULL,
    transport text NOT NULL,
    given_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    outcome json,
    version integer
);
CREATE INDEX commands_by_case ON commands (case_id);

CREATE TABLE tasks (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases (id),
    kind text NOT NULL,
    place text COLLATE "C" NOT NULL,
    role text NOT NULL,
    unit text,
    person uuid,
    created_at timestamptz NOT NULL,
    due_at timestamptz,
    done_at timestamptz
);
CREATE UNIQUE INDEX tasks_open ON tasks (case_id, kind) WHERE done_at IS NULL;
CREATE INDEX tasks_by_person ON tasks (person, due_at, id) WHERE done_at IS NULL;
CREATE INDEX tasks_by_role ON tasks (role, due_at, id) WHERE done_at IS NULL;

CREATE TABLE outbox (
    id bigserial PRIMARY KEY,
    key text NOT NULL UNIQUE,
    case_id uuid NOT NULL REFERENCES cases (id),
    person uuid,
    audience text,
    reason text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    sent_at timestamptz
);
CREATE INDEX outbox_waiting ON outbox (id) WHERE sent_at IS NULL;

CREATE TABLE evidence (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases (id),
    kind text NOT NULL,
    sha256 bytea NOT NULL,
    path text NOT NULL,
    media_type text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    exif json,
    uploaded_by uuid NOT NULL,
    uploaded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX evidence_by_case ON evidence (case_id);

CREATE TABLE reports (
    id uuid PRIMARY KEY,
    follow_hash bytea NOT NULL UNIQUE,
    text text NOT NULL,
    place text COLLATE "C",
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    case_id uuid REFERENCES cases (id)
);

CREATE TABLE audit (
    seq bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    data json NOT NULL,
    hash bytea NOT NULL
);

-- Rights: the application appends to the record and never changes it ---------------------------------------------
GRANT USAGE ON SCHEMA public TO linli_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO linli_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO linli_app;
REVOKE UPDATE, DELETE, TRUNCATE ON case_events, audit FROM linli_app;
REVOKE DELETE ON cases, commands, evidence, rulesets FROM linli_app;
REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM linli_app;

-- Row security: 'linli.scope' is '*' for the system's own processes, else the comma-separated areas of the viewer.
-- The web's connections begin with none, so a query that forgets its viewer sees nothing.
CREATE FUNCTION linli_sees(place text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT current_setting('linli.scope', true) = '*'
        OR place ^@ ANY (string_to_array(current_setting('linli.scope', true), ','))
$$;
ALTER TABLE cases ENABLE ROW LEVEL SECURITY;
CREATE POLICY cases_seen ON cases USING (linli_sees(place)) WITH CHECK (true);
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
CREATE POLICY tasks_seen ON tasks USING (linli_sees(place)) WITH CHECK (true);
ALTER TABLE case_events ENABLE ROW LEVEL SECURITY;
CREATE POLICY case_events_seen ON case_events
    USING (current_setting('linli.scope', true) = '*' OR EXISTS (SELECT FROM cases WHERE cases.id = case_id))
    WITH CHECK (true);
ALTER TABLE evidence ENABLE ROW LEVEL SECURITY;
CREATE POLICY evidence_seen ON evidence
    USING (current_setting('linli.scope', true) = '*' OR EXISTS (SELECT FROM cases WHERE cases.id = case_id))
    WITH CHECK (true);
