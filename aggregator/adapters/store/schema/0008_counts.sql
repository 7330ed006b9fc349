-- How many articles a feed lists is counted as its entries come and go: to count them anew takes as long as the archive is large.

DROP VIEW feed_health;
ALTER TABLE feed ADD COLUMN articles INTEGER NOT NULL DEFAULT 0; -- how many of those that are stored it lists, or has listed
UPDATE feed SET articles = (SELECT count(DISTINCT article_id) FROM entry WHERE feed_id = feed.id);

-- An article that a feed lists under two entries counts once.
CREATE TRIGGER entry_inserted AFTER INSERT ON entry
WHEN NOT EXISTS (SELECT 1 FROM entry WHERE article_id = new.article_id AND feed_id = new.feed_id AND id <> new.id) BEGIN
    UPDATE feed SET articles = articles + 1 WHERE id = new.feed_id;
END;
CREATE TRIGGER entry_deleted AFTER DELETE ON entry
WHEN NOT EXISTS (SELECT 1 FROM entry WHERE article_id = old.article_id AND feed_id = old.feed_id) BEGIN
    UPDATE feed SET articles = articles - 1 WHERE id = old.feed_id;
END;
CREATE TRIGGER entry_led_on AFTER UPDATE OF article_id ON entry WHEN old.article_id <> new.article_id BEGIN
    UPDATE feed SET articles = articles
        + (NOT EXISTS (SELECT 1 FROM entry WHERE article_id = new.article_id AND feed_id = new.feed_id AND id <> new.id))
        - (NOT EXISTS (SELECT 1 FROM entry WHERE article_id = old.article_id AND feed_id = new.feed_id))
    WHERE id = new.feed_id;
END;

CREATE VIEW feed_health AS
    -- How each feed of feeds.yaml is doing.
    SELECT
        coalesce(name, title, url) AS feed,
        CASE WHEN enabled THEN state ELSE 'paused' END AS state,
        state_since AS since, state_why AS why, state_do AS what_to_do,
        articles,
        (SELECT group_concat(mark, '') FROM (
            SELECT CASE kind WHEN 'failed' THEN 'x' WHEN 'unchanged' THEN '.'
                   ELSE CASE WHEN new > 0 THEN '+' ELSE '-' END END AS mark
            FROM poll WHERE feed_id = feed.id ORDER BY id
        )) AS last_30_polls,                    -- + new articles, - none, . unchanged, x failed; the latest last
        last_success, last_poll, next_poll, failures AS failures_in_a_row, error, warning, moved_to, tags, url AS address
    FROM feed
    WHERE configured
    ORDER BY feed;
