-- What a reader has read and starred. Articles are marked, for stories come, merge and part.

CREATE TABLE mark (
    -- A story is read when each of its texts has an article that was read; it is starred when one of its articles is.
    kind TEXT NOT NULL,                         -- read or starred
    article_id INTEGER NOT NULL REFERENCES article (id),
    made TEXT NOT NULL,                         -- when
    PRIMARY KEY (kind, article_id)
) WITHOUT ROWID;
CREATE INDEX mark_article ON mark (article_id);
