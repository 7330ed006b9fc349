-- What is learned of the pages of each site: where on them the main text stands.

CREATE TABLE wrapper (
    -- How the pages of a site are read without the full extraction, and how far that is trusted; it can be learned anew.
    site TEXT PRIMARY KEY,                      -- the registrable domain, or host:port
    changed TEXT NOT NULL,
    learned TEXT NOT NULL                       -- JSON, as core.wrappers.forms writes it
);
CREATE INDEX wrapper_by_changed ON wrapper (changed);
