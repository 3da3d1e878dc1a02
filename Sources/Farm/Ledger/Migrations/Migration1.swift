/// Stories, segments, devices and the epoch.
///
/// What SQLite can refuse, it refuses: types (STRICT), missing values, words that are none, halves of a pair, segments
/// without a story. Segments lie in the order in which they are restored (WITHOUT ROWID), a story's beside each other.
/// A column of bytes is as `PackedWriter` describes.
enum Migration1 {
    static let sql = """
        CREATE TABLE farm (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            epoch INTEGER NOT NULL CHECK (epoch >= 0)
        ) STRICT;
        INSERT INTO farm VALUES (1, 0);

        -- Never deleted from: there are as many as makes of machines.
        CREATE TABLE deviceKind (
            id INTEGER PRIMARY KEY,
            accelerator TEXT NOT NULL,
            cpuLevel TEXT NOT NULL,
            libtorch TEXT NOT NULL,
            precision TEXT NOT NULL,
            threads INTEGER NOT NULL,
            attention TEXT NOT NULL
        ) STRICT;

        CREATE TABLE device (
            uuid TEXT PRIMARY KEY NOT NULL,
            failed BLOB NOT NULL,  -- story and number, of each segment
            isSetAside INTEGER NOT NULL CHECK (isSetAside IN (0, 1))
        ) STRICT, WITHOUT ROWID;

        -- AUTOINCREMENT: the number of a deleted story is not given again.
        CREATE TABLE story (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            submitter TEXT NOT NULL,
            firstPriority INTEGER NOT NULL,
            segmentCount INTEGER NOT NULL CHECK (segmentCount >= 0),
            steps INTEGER NOT NULL,
            handoff TEXT NOT NULL CHECK (handoff IN ('none', 'stream', 'final')),
            firstBlend INTEGER NOT NULL,
            model TEXT NOT NULL,
            segmentSeconds INTEGER NOT NULL,
            segmentAttoseconds INTEGER NOT NULL,  -- what is more than whole seconds
            allowsSimulation INTEGER NOT NULL CHECK (allowsSimulation IN (0, 1)),
            priority INTEGER NOT NULL,
            state TEXT NOT NULL
                CHECK (state IN ('queued', 'rendering', 'assembling', 'finished', 'failed', 'cancelled')),
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
            CHECK ((endedAt IS NULL) = (state IN ('queued', 'rendering', 'assembling')))
        ) STRICT;
        -- For listing one submitter's.
        CREATE INDEX storyOfSubmitter ON story (submitter);

        -- What the farm's rules need not know of a story. The script comes last: what is before it is read without it.
        CREATE TABLE submission (
            story INTEGER PRIMARY KEY REFERENCES story ON DELETE CASCADE,
            token TEXT,
            title TEXT NOT NULL,
            submittedAt REAL NOT NULL,  -- seconds since 1970
            script TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX submissionByToken ON submission (token) WHERE token IS NOT NULL;

        CREATE TABLE segment (
            story INTEGER NOT NULL REFERENCES story ON DELETE CASCADE,
            number INTEGER NOT NULL CHECK (number >= 1),
            state TEXT NOT NULL CHECK (state IN ('blocked', 'ready', 'denoising', 'denoised', 'delivering', 'finished',
                'failed', 'cancelled')),
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
        """
}
