-- What is removed for its age: its words leave the index with it, and it does not come back as new.

CREATE TABLE tombstone (
    -- Entries and addresses of articles that were removed for their age: they are neither read nor recorded again.
    mark INTEGER PRIMARY KEY,                   -- hash of an entry's feed and key, or of an article_url.url_key
    day INTEGER NOT NULL                        -- of the article's date, in days since 1970
);

-- While the article still has its title, for the index is told with the old words what is to leave it.
CREATE TRIGGER body_deleted BEFORE DELETE ON body BEGIN
    INSERT INTO article_search (article_search, rowid, title, body, characters)
    SELECT 'delete', id, title, old.text, old.characters FROM article WHERE id = old.article_id;
END;
