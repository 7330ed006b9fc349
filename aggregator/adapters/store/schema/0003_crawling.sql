-- How feeds and sites are treated: learned rhythms, states of health, what each site got from us.
-- Columns of feed after every_seconds (now NULL: its rhythm is learned) are what polls taught us.

DROP VIEW feed_health;
ALTER TABLE feed DROP COLUMN every_seconds;
ALTER TABLE feed ADD COLUMN every_seconds REAL;           -- how often it is polled; NULL: its rhythm is learned
ALTER TABLE feed ADD COLUMN fresh_until TEXT;             -- the server's last answer holds until then, by its own words
ALTER TABLE feed ADD COLUMN validators_from TEXT;         -- the site that gave etag and last_modified; NULL: that of url
ALTER TABLE feed ADD COLUMN trusted_until TEXT;           -- they are sent until then
ALTER TABLE feed ADD COLUMN last_full TEXT;               -- when a body last came
ALTER TABLE feed ADD COLUMN body_bytes INTEGER NOT NULL DEFAULT 0; -- that body's size on the wire
ALTER TABLE feed ADD COLUMN ttl_seconds REAL;             -- how long the document says that it holds
ALTER TABLE feed ADD COLUMN skip_hours TEXT NOT NULL DEFAULT '[]'; -- JSON: hours in UTC in which it is not to be polled
ALTER TABLE feed ADD COLUMN skip_days TEXT NOT NULL DEFAULT '[]'; -- JSON: days of the week, Monday is 0
ALTER TABLE feed ADD COLUMN moved_to TEXT;                -- where permanent redirects lead
ALTER TABLE feed ADD COLUMN moved_since TEXT;
ALTER TABLE feed ADD COLUMN moved_times INTEGER NOT NULL DEFAULT 0; -- answers in a row that led there
ALTER TABLE feed ADD COLUMN frozen_since TEXT;            -- the server said 304 although the feed had changed
ALTER TABLE feed ADD COLUMN observed_since TEXT;          -- the first hour of observed_hours
ALTER TABLE feed ADD COLUMN observed_hours BLOB NOT NULL DEFAULT x''; -- entries that came in each hour since, a byte each
ALTER TABLE feed ADD COLUMN last_arrival TEXT;            -- when the last entry came
ALTER TABLE feed ADD COLUMN waste REAL NOT NULL DEFAULT 0; -- share of recent polls with a whole document and nothing new
ALTER TABLE feed ADD COLUMN entries INTEGER NOT NULL DEFAULT 0; -- how many the document lists
ALTER TABLE feed ADD COLUMN earliest_entry TEXT;          -- the earliest date in the document
ALTER TABLE feed ADD COLUMN latest_entry TEXT;            -- the latest date in the document
ALTER TABLE feed ADD COLUMN state TEXT NOT NULL DEFAULT 'new'; -- see the view feed_health
ALTER TABLE feed ADD COLUMN state_since TEXT;
ALTER TABLE feed ADD COLUMN state_why TEXT;               -- as a sentence
ALTER TABLE feed ADD COLUMN state_do TEXT;                -- what to do about it, as a sentence

CREATE TABLE poll (
    -- The last 30 polls of each feed.
    id INTEGER PRIMARY KEY,
    feed_id INTEGER NOT NULL REFERENCES feed (id),
    at TEXT NOT NULL,
    kind TEXT NOT NULL,                         -- read, unchanged or failed
    status INTEGER,                             -- of HTTP; NULL where no answer came
    entries INTEGER NOT NULL,
    new INTEGER NOT NULL,                       -- articles recorded for the first time
    wire_bytes INTEGER NOT NULL,
    seconds REAL NOT NULL,
    error TEXT,
    error_kind TEXT
);
CREATE INDEX poll_feed ON poll (feed_id, id);

CREATE TABLE state_change (
    -- When a feed's state became another; what the daily summary tells.
    id INTEGER PRIMARY KEY,
    feed_id INTEGER NOT NULL REFERENCES feed (id),
    at TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    why TEXT NOT NULL
);
CREATE INDEX state_change_at ON state_change (at);
CREATE INDEX state_change_feed ON state_change (feed_id);

CREATE TABLE summary (
    -- When changes of state were last told.
    id INTEGER PRIMARY KEY CHECK (id = 1),
    told TEXT NOT NULL
);

CREATE TABLE budget (
    -- What is owed to a site or a network address.
    key TEXT PRIMARY KEY,                       -- registrable domain (host:port where there is none), or @ and address
    delay_seconds REAL NOT NULL,                -- the pause between two requests, as it was when they last got slower
    rest_until TEXT,                            -- no request before this
    last TEXT NOT NULL,                         -- when the last request began or ended
    slowed TEXT,                                -- when a 429 or 503 last made the pause longer
    throttles INTEGER NOT NULL DEFAULT 0,       -- answers in a row that were 429 or 503
    crawl_delay_seconds REAL NOT NULL DEFAULT 0, -- the pause that robots.txt asks for
    crawl_delay_until TEXT                      -- until when that holds
) WITHOUT ROWID;

CREATE TABLE site_hour (
    -- What each site got from us in each hour of the last 30 days.
    site TEXT NOT NULL,
    hour TEXT NOT NULL,                         -- its beginning
    requests INTEGER NOT NULL,
    feeds INTEGER NOT NULL,                     -- of them for feeds; the others were for pages and robots.txt
    conditional INTEGER NOT NULL,               -- of those for feeds with validators
    unchanged INTEGER NOT NULL,                 -- of those for feeds answered with 304
    throttled INTEGER NOT NULL,                 -- answered with 429 or 503
    early INTEGER NOT NULL,                     -- sent before the time that the server had named
    wire_bytes INTEGER NOT NULL,
    saved_bytes INTEGER NOT NULL,               -- what 304s spared
    PRIMARY KEY (site, hour)
) WITHOUT ROWID;
CREATE INDEX site_hour_hour ON site_hour (hour);

CREATE TABLE robots (
    -- The robots.txt of sites whose pages are fetched.
    origin TEXT PRIMARY KEY,                    -- scheme://host, with the port where it is not the usual one
    fetched TEXT NOT NULL,                      -- when it came, or since when it cannot be had
    expires TEXT NOT NULL,                      -- asked for again after this
    status INTEGER,                             -- of HTTP; NULL where no answer came
    body BLOB                                   -- NULL where there is none to read
) WITHOUT ROWID;

CREATE TABLE subscription (
    -- Feeds whose hub (WebSub) pushes to us, or shall.
    token TEXT PRIMARY KEY,                     -- the last part of the callback's address; nobody can guess it
    feed_id INTEGER NOT NULL REFERENCES feed (id),
    hub TEXT NOT NULL,
    topic TEXT NOT NULL,                        -- the feed's address as the hub knows it
    secret TEXT NOT NULL,                       -- what pushes are signed with
    callback TEXT,                              -- the callback's public address; NULL until the hub was asked
    asked TEXT,                                 -- when the hub was last asked to subscribe us, or said no
    tries INTEGER NOT NULL DEFAULT 0,           -- how often it was asked since it last verified
    confirmed TEXT,                             -- when the lease began; NULL until the hub has verified
    expires TEXT,                               -- when the lease ends
    last_push TEXT,
    pushes INTEGER NOT NULL DEFAULT 0,
    refused TEXT,                               -- why the hub said no, or could not be asked
    ended TEXT                                  -- when we wanted no more of it
) WITHOUT ROWID;
CREATE UNIQUE INDEX subscription_feed ON subscription (feed_id) WHERE ended IS NULL;

ALTER TABLE article ADD COLUMN held_back TEXT;            -- why its page's text is not used: robots, noindex, paywall

CREATE VIEW feed_health AS
    -- How each feed of feeds.yaml is doing.
    SELECT
        coalesce(name, title, url) AS feed,
        CASE WHEN enabled THEN state ELSE 'paused' END AS state,
        state_since AS since, state_why AS why, state_do AS what_to_do,
        (SELECT count(DISTINCT article_id) FROM entry WHERE feed_id = feed.id) AS articles,
        (SELECT group_concat(mark, '') FROM (
            SELECT CASE kind WHEN 'failed' THEN 'x' WHEN 'unchanged' THEN '.'
                   ELSE CASE WHEN new > 0 THEN '+' ELSE '-' END END AS mark
            FROM poll WHERE feed_id = feed.id ORDER BY id
        )) AS last_30_polls,                    -- + new articles, - none, . unchanged, x failed; the latest last
        last_success, last_poll, next_poll, failures AS failures_in_a_row, error, warning, moved_to, tags, url AS address
    FROM feed
    WHERE configured
    ORDER BY feed;
