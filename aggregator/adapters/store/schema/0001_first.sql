-- Times are ISO-8601 in UTC with microseconds, all of one width, so that they sort as text: 2026-11-23T02:51:36.000000Z
-- Lists are JSON. Comments inside a statement are kept by SQLite and shown by `.schema`.

CREATE TABLE feed (
    -- A feed of feeds.yaml, and what its polls taught us. A feed that was taken out stays, with configured = 0.
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL,                          -- as feeds.yaml has it
    url_key TEXT NOT NULL UNIQUE,               -- what all spellings of the address have in common
    name TEXT,                                  -- as feeds.yaml has it
    title TEXT,                                 -- as the feed calls itself
    site TEXT,                                  -- the address of the site that the feed belongs to
    tags TEXT NOT NULL,                         -- JSON list
    every_seconds REAL NOT NULL,                -- how often it is polled
    weight REAL NOT NULL,                       -- breaks ties between articles that could speak for a story
    full_text TEXT NOT NULL,                    -- auto, always or never
    user_agent TEXT,                            -- sent instead of our own
    configured INTEGER NOT NULL DEFAULT 1,      -- 1 while it stands in feeds.yaml
    enabled INTEGER NOT NULL,                   -- 0 while it is paused
    added TEXT NOT NULL,                        -- when it was first seen in feeds.yaml
    etag TEXT,                                  -- sent back as received
    last_modified TEXT,                         -- sent back as received
    body_digest BLOB,                           -- SHA-256 of the last body that was recorded completely
    next_poll TEXT NOT NULL,
    last_poll TEXT,
    last_success TEXT,
    last_read TEXT,                             -- when a document last came that was not the same as before
    failures INTEGER NOT NULL DEFAULT 0,        -- failed polls in a row
    error TEXT,                                 -- why the last poll failed
    error_kind TEXT,
    rest_until TEXT,                            -- the server asked to be left alone until then
    warning TEXT                                -- what is odd although the feed can be read
);
CREATE INDEX feed_due ON feed (next_poll) WHERE configured AND enabled;

CREATE TABLE source (
    -- An outlet. Section feeds of one outlet share one source.
    id INTEGER PRIMARY KEY,
    site TEXT NOT NULL UNIQUE,                  -- registrable domain, or host:port where there is none
    name TEXT NOT NULL                          -- what a person calls it
);

CREATE TABLE story (
    -- Articles that tell one piece of news. Numbers are never used again: an old one leads on through merged_story.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    canonical_id INTEGER NOT NULL REFERENCES article (id), -- the article that speaks for the story
    articles INTEGER NOT NULL,                  -- how many articles
    texts INTEGER NOT NULL,                     -- how many different texts among them
    sources INTEGER NOT NULL,                   -- how many outlets
    first_dated TEXT NOT NULL,                  -- when its earliest article is dated
    last_dated TEXT NOT NULL,                   -- when its latest article is dated
    first_seen TEXT NOT NULL,                   -- when the first of its articles was first seen
    updated TEXT NOT NULL                       -- when an article last joined, left or got a new version
);
CREATE INDEX story_canonical ON story (canonical_id);

CREATE TABLE merged_story (
    -- Where a story went that is no more; always straight to one that lives.
    old_id INTEGER PRIMARY KEY,
    story_id INTEGER NOT NULL REFERENCES story (id) ON DELETE CASCADE
);
CREATE INDEX merged_story_story ON merged_story (story_id);

CREATE TABLE article (
    -- An article in its current version. Its text is in body, apart, so that lists of headlines are quick.
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL,                          -- the address a person opens
    title TEXT NOT NULL,
    author TEXT,
    source_id INTEGER NOT NULL REFERENCES source (id),
    agency TEXT,                                -- the news agency that the text names as its origin
    is_original INTEGER NOT NULL,               -- 1 at that agency itself
    language TEXT,                              -- ISO 639-1
    summary TEXT NOT NULL,
    image TEXT,                                 -- address
    published TEXT,                             -- as the outlet claims
    dated TEXT NOT NULL,                        -- published where that is credible, else first_seen; never changes
    first_seen TEXT NOT NULL,
    updated TEXT NOT NULL,                      -- when title or text last changed
    text_from TEXT NOT NULL,                    -- page, feed or nowhere
    text_length INTEGER NOT NULL,               -- characters
    versions INTEGER NOT NULL DEFAULT 0,        -- how often title or text changed since first_seen
    story_id INTEGER REFERENCES story (id),     -- NULL until it is placed
    copy_of INTEGER REFERENCES article (id),    -- the article of the same story whose text it carries
    similarity REAL                             -- Jaccard with that article, 0 to 1
);
CREATE INDEX article_dated ON article (dated, story_id);
CREATE INDEX article_story ON article (story_id, dated);
CREATE INDEX article_story_length ON article (story_id, text_length, source_id);
CREATE INDEX article_source ON article (source_id);
CREATE INDEX article_copy_of ON article (copy_of) WHERE copy_of IS NOT NULL;

CREATE TABLE body (
    -- The text of an article.
    article_id INTEGER PRIMARY KEY REFERENCES article (id),
    text TEXT NOT NULL,                         -- paragraphs parted by newlines
    characters TEXT                             -- title and text of scripts without spaces, cut so that words can be found
);

CREATE TABLE version (
    -- What an article said before it was changed.
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES article (id),
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    seen TEXT NOT NULL,                         -- when it was first seen so
    replaced TEXT NOT NULL                      -- when it was seen otherwise
);
CREATE INDEX version_article ON version (article_id);

CREATE TABLE article_url (
    -- The addresses an article is known by.
    id INTEGER PRIMARY KEY,
    url_key TEXT NOT NULL UNIQUE,               -- what all spellings of the address have in common
    article_id INTEGER NOT NULL REFERENCES article (id),
    is_own INTEGER NOT NULL DEFAULT 0,          -- 1 for the address of the article itself
    claimed INTEGER NOT NULL DEFAULT 0          -- 1 while the article merely claims it
);
CREATE INDEX article_url_article ON article_url (article_id);

CREATE TABLE entry (
    -- Says that a feed lists an article.
    id INTEGER PRIMARY KEY,
    feed_id INTEGER NOT NULL REFERENCES feed (id),
    key TEXT NOT NULL,                          -- what makes the entry itself within its feed
    article_id INTEGER NOT NULL REFERENCES article (id),
    url TEXT,                                   -- as the feed gives it
    digest BLOB NOT NULL,                       -- SHA-256 of the entry, tells whether it changed
    first_seen TEXT NOT NULL,
    UNIQUE (feed_id, key)
);
CREATE TABLE missing_page (
    -- An entry whose page could not be had, for a reason that may pass, and will be asked for again.
    entry_id INTEGER PRIMARY KEY REFERENCES entry (id) ON DELETE CASCADE,
    due TEXT NOT NULL,                          -- not before this
    tries INTEGER NOT NULL                      -- how often it was asked for in vain
);
CREATE INDEX entry_article ON entry (article_id, feed_id);
CREATE INDEX entry_seen ON entry (feed_id, first_seen, article_id);

CREATE TABLE signature (
    -- What is compared of an article's text.
    article_id INTEGER PRIMARY KEY REFERENCES article (id),
    shingles BLOB NOT NULL,                     -- hashes of its word sequences, ascending, little-endian uint32
    bands BLOB NOT NULL                         -- its keys in band, in order, little-endian int64
);

CREATE TABLE band (
    -- Finds articles whose texts may be alike: those that share a key. No foreign key: the index it would need is as
    -- large as the table, and an article's rows are found through signature.bands.
    key INTEGER NOT NULL,
    dated INTEGER NOT NULL,                     -- article.dated in seconds since 1970
    article_id INTEGER NOT NULL,
    PRIMARY KEY (key, dated, article_id)
) WITHOUT ROWID;

CREATE TABLE tie (
    -- Evidence that two articles carry one text. It has no direction: a < b.
    id INTEGER PRIMARY KEY,
    a INTEGER NOT NULL REFERENCES article (id),
    b INTEGER NOT NULL REFERENCES article (id),
    jaccard REAL NOT NULL,                      -- word sequences in both / word sequences in either
    containment REAL NOT NULL,                  -- word sequences in both / word sequences of the shorter text
    hours_apart REAL NOT NULL,
    rule INTEGER NOT NULL,                      -- version of the rule that made it
    UNIQUE (a, b),
    CHECK (a < b)
);
CREATE INDEX tie_b ON tie (b);

CREATE VIEW searchable (id, title, body, characters) AS
    -- What a search looks through.
    SELECT article.id, article.title, body.text, body.characters
    FROM article JOIN body ON body.article_id = article.id;

CREATE VIRTUAL TABLE article_search USING fts5 (
    title, body, characters,
    content = 'searchable', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);
-- A word in the headline weighs as much as ten in the text.
INSERT INTO article_search (article_search, rank) VALUES ('rank', 'bm25(10.0, 1.0, 1.0)');

-- Only what is searched makes these fire; stories come and go without touching the index.
CREATE TRIGGER body_inserted AFTER INSERT ON body BEGIN
    INSERT INTO article_search (rowid, title, body, characters)
    SELECT id, title, body, characters FROM searchable WHERE id = new.article_id;
END;
CREATE TRIGGER body_changed AFTER UPDATE OF text, characters ON body BEGIN
    INSERT INTO article_search (article_search, rowid, title, body, characters)
    SELECT 'delete', id, title, old.text, old.characters FROM article WHERE id = new.article_id;
    INSERT INTO article_search (rowid, title, body, characters)
    SELECT id, title, body, characters FROM searchable WHERE id = new.article_id;
END;
CREATE TRIGGER title_changed AFTER UPDATE OF title ON article WHEN old.title <> new.title BEGIN
    INSERT INTO article_search (article_search, rowid, title, body, characters)
    SELECT 'delete', article_id, old.title, text, characters FROM body WHERE article_id = new.id;
    INSERT INTO article_search (rowid, title, body, characters)
    SELECT id, title, body, characters FROM searchable WHERE id = new.id;
END;

CREATE VIEW todays_stories AS
    -- The stories of this day in UTC, the most widely carried first.
    SELECT
        story.id AS story, article.title AS headline, source.name AS outlet,
        story.articles, story.texts, story.sources,
        story.first_dated AS earliest, story.last_dated AS latest, article.language, article.url AS link
    FROM story
    JOIN article ON article.id = story.canonical_id
    JOIN source ON source.id = article.source_id
    WHERE story.id IN (
        SELECT story_id FROM article WHERE dated >= date('now') AND dated < date('now', '+1 day')
    )
    ORDER BY story.sources DESC, story.articles DESC, story.last_dated DESC, story.id;

CREATE VIEW feed_health AS
    -- How each feed of feeds.yaml is doing.
    SELECT
        coalesce(name, title, url) AS feed,
        CASE
            WHEN NOT enabled THEN 'paused'
            WHEN rest_until > strftime('%Y-%m-%dT%H:%M:%S', 'now') THEN 'resting'
            WHEN error IS NOT NULL THEN 'failing'
            WHEN last_poll IS NULL THEN 'new'
            ELSE 'fine'
        END AS state,
        (SELECT count(DISTINCT article_id) FROM entry WHERE feed_id = feed.id) AS articles,
        last_success, last_poll, next_poll, failures AS failures_in_a_row, error, warning, tags, url AS address
    FROM feed
    WHERE configured
    ORDER BY feed;
