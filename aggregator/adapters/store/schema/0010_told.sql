-- The texts of a story are found without a look at its articles: which stories have something to read is asked for of a whole
-- month at once, by reader apps every few minutes.

CREATE INDEX article_told ON article (story_id) WHERE copy_of IS NULL;
