CREATE TABLE IF NOT EXISTS ack (
    peer VARCHAR NOT NULL,
    device VARCHAR NOT NULL,
    incarnation INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (peer, device, incarnation)
);
CREATE TABLE IF NOT EXISTS event (
    position INTEGER NOT NULL,
    device VARCHAR NOT NULL,
    incarnation INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    type VARCHAR NOT NULL,
    known BOOLEAN NOT NULL,
    hash VARCHAR NOT NULL,
    stored_at VARCHAR NOT NULL,
    wire VARCHAR NOT NULL,
    PRIMARY KEY (position),
    UNIQUE (device, incarnation, seq)
);
CREATE TABLE IF NOT EXISTS file (
    id VARCHAR NOT NULL,
    PRIMARY KEY (id)
);
PRAGMA user_version = 1;
