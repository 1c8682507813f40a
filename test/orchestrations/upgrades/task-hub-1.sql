-- A task hub as the first release (schema version 1) left it, dumped with sqlite3's .dump: 'old'
-- has run an activity and waits for the event 'go', 'sleep' waits for a timer at 2026-01-01T01:00,
-- 'new' has not begun. It is not made again: what has been released does not change.
BEGIN TRANSACTION;
CREATE TABLE history (
    instance_id TEXT NOT NULL,
    turn INTEGER NOT NULL,
    events TEXT NOT NULL,
    PRIMARY KEY (instance_id, turn)
  ) STRICT, WITHOUT ROWID;
INSERT INTO "history" VALUES('old',0,'{"EventType":12,"EventId":-1,"Timestamp":"2026-01-01T00:00:00.000Z","IsPlayed":true},{"EventType":0,"EventId":-1,"Timestamp":"2026-01-01T00:00:00.000Z","OrchestrationInstance":{"InstanceId":"old","ExecutionId":"8f9385a9f9ec46b68acddd904b266ef0"},"ParentInstance":null,"Name":"Old","Version":"","Input":null,"Tags":null,"IsPlayed":true},{"EventId":0,"Timestamp":"2026-01-01T00:00:00.000Z","EventType":4,"Name":"Say","Version":"","Input":"[\"\\\"before\\\"\"]","IsPlayed":true},{"EventType":13,"EventId":-1,"Timestamp":"2026-01-01T00:00:00.000Z","IsPlayed":true}');
INSERT INTO "history" VALUES('old',1,'{"EventType":12,"EventId":-1,"Timestamp":"2026-01-01T00:00:00.000Z","IsPlayed":true},{"EventId":-1,"Timestamp":"2026-01-01T00:00:00.000Z","TaskScheduledId":0,"EventType":5,"Result":"\"before\"","IsPlayed":true},{"EventType":13,"EventId":-1,"Timestamp":"2026-01-01T00:00:00.000Z","IsPlayed":true}');
INSERT INTO "history" VALUES('sleep',0,'{"EventType":12,"EventId":-1,"Timestamp":"2026-01-01T00:00:00.000Z","IsPlayed":true},{"EventType":0,"EventId":-1,"Timestamp":"2026-01-01T00:00:00.000Z","OrchestrationInstance":{"InstanceId":"sleep","ExecutionId":"25314e55537d4778882d6fc5812c3acb"},"ParentInstance":null,"Name":"Sleep","Version":"","Input":null,"Tags":null,"IsPlayed":true},{"EventId":0,"Timestamp":"2026-01-01T00:00:00.000Z","EventType":10,"FireAt":"2026-01-01T01:00:00.000Z","IsPlayed":true},{"EventType":13,"EventId":-1,"Timestamp":"2026-01-01T00:00:00.000Z","IsPlayed":true}');
CREATE TABLE inbox (
    instance_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    execution_id TEXT,
    control INTEGER NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (instance_id, seq)
  ) STRICT, WITHOUT ROWID;
CREATE TABLE instances (
    id TEXT PRIMARY KEY,
    execution_id TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    status TEXT NOT NULL,
    begun INTEGER NOT NULL,
    turns INTEGER NOT NULL,
    input TEXT,
    output TEXT,
    custom_status TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    parent_id TEXT,
    parent_execution_id TEXT,
    parent_task_id INTEGER
  ) STRICT;
INSERT INTO "instances" VALUES('old','8f9385a9f9ec46b68acddd904b266ef0','Old','','Running',1,2,NULL,NULL,NULL,1767225600000,1767225600000,NULL,NULL,NULL);
INSERT INTO "instances" VALUES('sleep','25314e55537d4778882d6fc5812c3acb','Sleep','','Running',1,1,NULL,NULL,NULL,1767225600000,1767225600000,NULL,NULL,NULL);
INSERT INTO "instances" VALUES('new','130599ddb58040b585fed9b009b13234','Old','','Pending',0,0,NULL,NULL,NULL,1767225600000,1767225600000,NULL,NULL,NULL);
CREATE TABLE tasks (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    instance_id TEXT NOT NULL,
    execution_id TEXT NOT NULL,
    task_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    input TEXT NOT NULL
  ) STRICT;
CREATE TABLE timers (
    instance_id TEXT NOT NULL,
    execution_id TEXT NOT NULL,
    timer_id INTEGER NOT NULL,
    fire_at INTEGER NOT NULL,
    PRIMARY KEY (instance_id, execution_id, timer_id)
  ) STRICT, WITHOUT ROWID;
INSERT INTO "timers" VALUES('sleep','25314e55537d4778882d6fc5812c3acb',0,1767229200000);
CREATE INDEX instances_not_begun ON instances (id) WHERE begun = 0;
CREATE INDEX tasks_by_instance ON tasks (instance_id, seq);
CREATE INDEX timers_by_time ON timers (fire_at);
COMMIT;
PRAGMA user_version = 1;
