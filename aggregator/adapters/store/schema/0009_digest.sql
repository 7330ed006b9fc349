-- Which services have had the digest of the day, so that none gets it twice.

CREATE TABLE digest (
    -- Up to when a service was told of stories.
    service TEXT PRIMARY KEY,                   -- a hash of its address, which may hold a password
    told TEXT NOT NULL
) WITHOUT ROWID;
