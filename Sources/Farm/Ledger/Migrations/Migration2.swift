/// The words of a state are compared one by one.
///
/// SQLite builds a table in memory for an IN with more than two values, fills and drops it, in every statement that
/// checks a row: that took longer than to write the row. It can't change a CHECK, so the tables are made anew.
/// https://www.sqlite.org/lang_altertable.html#otheralter
enum Migration2 {
    static let sql = """
        CREATE TABLE newStory (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            submitter TEXT NOT NULL,
            firstPriority INTEGER NOT NULL,
            segmentCount INTEGER NOT NULL CHECK (segmentCount >= 0),
            steps INTEGER NOT NULL,
            handoff TEXT NOT NULL CHECK (handoff = 'none' OR handoff = 'stream' OR handoff = 'final'),
            firstBlend INTEGER NOT NULL,
            model TEXT NOT NULL,
            segmentSeconds INTEGER NOT NULL,
            segmentAttoseconds INTEGER NOT NULL,  -- what is more than whole seconds
            allowsSimulation INTEGER NOT NULL CHECK (allowsSimulation IN (0, 1)),
            priority INTEGER NOT NULL,
            state TEXT NOT NULL
                CHECK (state = 'queued' OR state = 'rendering' OR state = 'assembling' OR state = 'finished'
                    OR state = 'failed' OR state = 'cancelled'),
            isPaused INTEGER NOT NULL CHECK (isPaused IN (0, 1)),
            pinModel BLOB CHECK (length(pinModel) = 32),
            pinKind INTEGER REFERENCES deviceKind,
            pinEncoder TEXT,
            pinIsSimulated INTEGER CHECK (pinIsSimulated IN (0, 1)),
            revision INTEGER NOT NULL,
            assembled INTEGER NOT NULL,
            note TEXT,
            endedAt REAL,  -- seconds since 1970; NULL while it goes on
            CHECK ((pinModel IS NULL) = (pinKind IS NULL)),
            CHECK ((pinModel IS NULL) = (pinEncoder IS NULL)),
            CHECK ((pinModel IS NULL) = (pinIsSimulated IS NULL)),
            CHECK ((endedAt IS NULL) = (state = 'queued' OR state = 'rendering' OR state = 'assembling'))
        ) STRICT;
        INSERT INTO newStory SELECT * FROM story ORDER BY id;
        -- The highest number ever given, also where its story was deleted.
        INSERT INTO sqlite_sequence (name, seq) SELECT 'newStory', 0
            WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'newStory');
        UPDATE sqlite_sequence SET seq = coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'story'), 0)
            WHERE name = 'newStory';
        DROP TABLE story;
        ALTER TABLE newStory RENAME TO story;
        CREATE INDEX storyOfSubmitter ON story (submitter);

        CREATE TABLE newSegment (
            story INTEGER NOT NULL REFERENCES story ON DELETE CASCADE,
            number INTEGER NOT NULL CHECK (number >= 1),
            state TEXT NOT NULL CHECK (state = 'blocked' OR state = 'ready' OR state = 'denoising' OR state = 'denoised'
                OR state = 'delivering' OR state = 'finished' OR state = 'failed' OR state = 'cancelled'),
            phase TEXT CHECK (phase IN ('denoising', 'delivering')),
            leaseEpoch INTEGER,
            leaseNumber INTEGER,
            worker BLOB CHECK (length(worker) = 16),
            generations BLOB NOT NULL CHECK (length(generations) > 0),  -- generation and first step, of each
            checkpoints BLOB NOT NULL,  -- step, file, consumed and deviceKind, of each
            latents BLOB,  -- file, consumed, lease
            video BLOB,  -- file, lease
            failures INTEGER NOT NULL,
            losses INTEGER NOT NULL,
            failedOn BLOB NOT NULL,  -- texts
            notFinite BLOB NOT NULL,  -- step and device, of each
            memoryFloor INTEGER NOT NULL,
            writer INTEGER REFERENCES deviceKind,
            note TEXT,
            CHECK ((phase IS NULL) = (leaseEpoch IS NULL)),
            CHECK ((phase IS NULL) = (leaseNumber IS NULL)),
            CHECK ((phase IS NULL) = (worker IS NULL)),
            PRIMARY KEY (story, number)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO newSegment SELECT * FROM segment ORDER BY story, number;
        DROP TABLE segment;
        ALTER TABLE newSegment RENAME TO segment;
        """
}
