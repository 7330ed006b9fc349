-- The keys of one part of time stand together, so that a new article touches the pages of its own time only, and most of those
-- of old articles go. The function that says where a key stands is one of the connection. In one article of a million two keys
-- come to stand as one.

ALTER TABLE band RENAME TO band_before;
CREATE TABLE band (
    -- Finds articles whose texts may be alike: those that share a key. No foreign key: the index it would need is as
    -- large as the table, and an article's rows are found through its signature.
    key INTEGER NOT NULL,                       -- will it go, part of time, part of the key: as adapters/store/parts.py says
    dated INTEGER NOT NULL,                     -- article.dated in seconds since 1970
    article_id INTEGER NOT NULL,
    PRIMARY KEY (key, dated, article_id)
) WITHOUT ROWID;
INSERT OR IGNORE INTO band SELECT standing_key(key, dated), dated, article_id FROM band_before ORDER BY 1, 2, 3;
DROP TABLE band_before;

CREATE TABLE thinned (
    -- Which articles have only some of their rows in band: those in parts of time that were over before this.
    id INTEGER PRIMARY KEY CHECK (id = 1),
    before INTEGER NOT NULL                     -- seconds since 1970
);
