-- An article takes half the room: texts are deflated, what is compared of them is packed, and what follows from the rest is left
-- out. A text is kept as the sqlite3 shell keeps files, so that `sqlar_uncompress(text, size)` reads it there.
-- The functions that pack are those of the connection.

DROP TRIGGER body_inserted;
DROP TRIGGER body_changed;
DROP TRIGGER body_deleted;
DROP TRIGGER title_changed;
DROP VIEW searchable;
DROP INDEX signature_unsigned;
DROP INDEX version_article;

ALTER TABLE body RENAME TO body_before;
CREATE TABLE body (
    -- The text of an article.
    article_id INTEGER PRIMARY KEY REFERENCES article (id),
    text BLOB NOT NULL,                         -- paragraphs parted by newlines, deflated where that is shorter
    size INTEGER NOT NULL,                      -- bytes of the text itself
    characters BLOB,                            -- title and text of scripts without spaces, cut so that words can be found
    characters_size INTEGER                     -- bytes of that
);
INSERT INTO body SELECT article_id, packed_text(text), octets(text), packed_text(characters), octets(characters) FROM body_before;
DROP TABLE body_before;

ALTER TABLE version RENAME TO version_before;
CREATE TABLE version (
    -- What an article said before it was changed.
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES article (id),
    title TEXT NOT NULL,
    text BLOB NOT NULL,                         -- as body.text
    size INTEGER NOT NULL,                      -- bytes of the text itself
    seen TEXT NOT NULL,                         -- when it was first seen so
    replaced TEXT NOT NULL                      -- when it was seen otherwise
);
INSERT INTO version SELECT id, article_id, title, packed_text(text), octets(text), seen, replaced FROM version_before;
DROP TABLE version_before;
CREATE INDEX version_article ON version (article_id);

ALTER TABLE signature RENAME TO signature_before;
CREATE TABLE signature (
    -- What is compared of an article's text. Hashes and terms are packed as core/words/packing.py says.
    article_id INTEGER PRIMARY KEY REFERENCES article (id),
    shingles BLOB NOT NULL,                     -- hashes of its word sequences, packed
    bands BLOB,                                 -- its keys in band, in order, little-endian int64; NULL: those of its shingles
    facts BLOB NOT NULL DEFAULT x'',            -- hashes of numbers and names, ascending, little-endian uint32
    terms BLOB,                                 -- hashes and counts of its terms, packed; NULL: unsigned
    background REAL,                            -- what the text shares with others of its subject; NULL until it was measured
    key_terms BLOB NOT NULL DEFAULT x''         -- its keys in key_term, in order, little-endian int64
);
INSERT INTO signature SELECT article_id, packed_shingles(shingles), packed_bands(bands, shingles), facts, packed_terms(terms),
        background, key_terms FROM signature_before;
DROP TABLE signature_before;
CREATE INDEX signature_unsigned ON signature (article_id) WHERE terms IS NULL;

CREATE VIEW searchable (id, title, body, characters) AS
    -- What a search looks through.
    SELECT article.id, article.title, CAST(sqlar_uncompress(body.text, body.size) AS TEXT),
        CAST(sqlar_uncompress(body.characters, body.characters_size) AS TEXT)
    FROM article JOIN body ON body.article_id = article.id;

-- Only what is searched makes these fire; stories come and go without touching the index. It is told with the old words what
-- is to leave it, while the article still has its title.
CREATE TRIGGER body_inserted AFTER INSERT ON body BEGIN
    INSERT INTO article_search (rowid, title, body, characters)
    SELECT id, title, body, characters FROM searchable WHERE id = new.article_id;
END;
CREATE TRIGGER body_changing BEFORE UPDATE OF text, characters ON body BEGIN
    INSERT INTO article_search (article_search, rowid, title, body, characters)
    SELECT 'delete', id, title, body, characters FROM searchable WHERE id = old.article_id;
END;
CREATE TRIGGER body_changed AFTER UPDATE OF text, characters ON body BEGIN
    INSERT INTO article_search (rowid, title, body, characters)
    SELECT id, title, body, characters FROM searchable WHERE id = new.article_id;
END;
CREATE TRIGGER body_deleted BEFORE DELETE ON body BEGIN
    INSERT INTO article_search (article_search, rowid, title, body, characters)
    SELECT 'delete', id, title, body, characters FROM searchable WHERE id = old.article_id;
END;
CREATE TRIGGER title_changing BEFORE UPDATE OF title ON article WHEN old.title <> new.title BEGIN
    INSERT INTO article_search (article_search, rowid, title, body, characters)
    SELECT 'delete', id, title, body, characters FROM searchable WHERE id = old.id;
END;
CREATE TRIGGER title_changed AFTER UPDATE OF title ON article WHEN old.title <> new.title BEGIN
    INSERT INTO article_search (rowid, title, body, characters)
    SELECT id, title, body, characters FROM searchable WHERE id = new.id;
END;
