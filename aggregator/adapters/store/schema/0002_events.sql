-- Stories are grouped by what texts tell, not by copies alone. What was compared of a text is made in another way, so all of it
-- is made anew by the next rebuild: `signature.terms` is NULL until then.

DROP TABLE tie;
CREATE TABLE tie (
    -- Evidence of what two articles are to each other. It has no direction: a < b.
    id INTEGER PRIMARY KEY,
    a INTEGER NOT NULL REFERENCES article (id),
    b INTEGER NOT NULL REFERENCES article (id),
    relation TEXT NOT NULL,                     -- copy, part (of the other text), template (same words, other facts) or event
    jaccard REAL,                               -- word sequences in both / word sequences in either; not of an event
    containment REAL,                           -- word sequences in both / word sequences of the shorter text; not of an event
    likeness REAL,                              -- how much the texts tell of one event, 0 to 1; of an event only
    shared TEXT NOT NULL,                       -- JSON list of the words that make the event
    hours_apart REAL NOT NULL,
    rule INTEGER NOT NULL,                      -- version of the rule that made it
    UNIQUE (a, b),
    CHECK (a < b)
);
CREATE INDEX tie_b ON tie (b);

DELETE FROM band;
UPDATE signature SET shingles = x'', bands = x'';
ALTER TABLE signature ADD COLUMN facts BLOB NOT NULL DEFAULT x''; -- hashes of numbers and names, ascending, little-endian uint32
ALTER TABLE signature ADD COLUMN terms BLOB; -- n term hashes, ascending, little-endian uint32, then n counts, uint8; NULL: unsigned
ALTER TABLE signature ADD COLUMN background REAL; -- what the text shares with others of its subject; NULL until it was measured
ALTER TABLE signature ADD COLUMN key_terms BLOB NOT NULL DEFAULT x''; -- its keys in key_term, in order, little-endian int64
CREATE INDEX signature_unsigned ON signature (article_id) WHERE terms IS NULL;

CREATE TABLE vocabulary (
    -- How common the terms of a language are, learned from the articles by a rebuild.
    language TEXT PRIMARY KEY,                  -- ISO 639-1, empty where unknown
    articles INTEGER NOT NULL,                  -- how many articles it was learned from
    terms BLOB NOT NULL,                        -- term hashes, ascending, little-endian uint32
    counts BLOB NOT NULL,                       -- in how many articles each stands, little-endian uint32
    learned TEXT NOT NULL                       -- when
) WITHOUT ROWID;

CREATE TABLE boilerplate (
    -- Lines that an outlet puts into many of its articles, learned by a rebuild; they are left out before signing.
    source_id INTEGER NOT NULL REFERENCES source (id),
    line INTEGER NOT NULL,                      -- hash of the line
    PRIMARY KEY (source_id, line)
) WITHOUT ROWID;

CREATE TABLE key_term (
    -- Finds articles that may tell one event: those that share a weighty term. Only of the days that are compared.
    key INTEGER NOT NULL,                       -- hash of language and term
    dated INTEGER NOT NULL,                     -- article.dated in seconds since 1970
    article_id INTEGER NOT NULL,
    PRIMARY KEY (key, dated, article_id)
) WITHOUT ROWID;

CREATE TABLE decision (
    -- What a reader, or a rebuild, did to the stories; the last that is not undone can be undone.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,                         -- merge, split or rebuild
    made TEXT NOT NULL,
    undone TEXT,
    told TEXT NOT NULL,                         -- what was done, as a sentence
    before TEXT NOT NULL                        -- JSON object: the story of each article that it moved, before
);
CREATE TABLE ruling (
    -- A reader's word on two articles, which stands above everything that is found. The latest on a pair holds.
    id INTEGER PRIMARY KEY,
    decision_id INTEGER NOT NULL REFERENCES decision (id) ON DELETE CASCADE,
    a INTEGER NOT NULL REFERENCES article (id),
    b INTEGER NOT NULL REFERENCES article (id),
    verdict TEXT NOT NULL,                      -- together or apart
    CHECK (a < b)
);
CREATE INDEX ruling_decision ON ruling (decision_id);
CREATE INDEX ruling_a ON ruling (a);
CREATE INDEX ruling_b ON ruling (b);
