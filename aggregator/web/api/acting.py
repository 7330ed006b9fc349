"""What programs change: the same as commands, through the desk."""

from http import HTTPStatus

from fastapi import APIRouter, HTTPException

from aggregator.bootstrap import open_reader
from aggregator.bootstrap.paths import Paths
from aggregator.core.days import iso
from aggregator.domain.errors import UsageError
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.marks import Mark
from aggregator.web.api import asked, models
from aggregator.web.api.problems import told
from aggregator.web.desk import Desk


class Acting:
    """Answers programs that change something."""

    def __init__(self, paths: Paths, desk: Desk) -> None:
        self._paths = paths
        self._desk = desk

    def router(self) -> APIRouter:
        """Return its addresses."""
        router = APIRouter()
        numbered, possible = told(HTTPStatus.NOT_FOUND), told(HTTPStatus.CONFLICT)
        posted = told(HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT)
        router.put("/stories/{id}/marks/{mark}", responses=numbered)(self.set_mark)
        router.delete("/stories/{id}/marks/{mark}", responses=numbered)(self.drop_mark)
        router.post("/merge", responses=posted)(self.merge)
        router.post("/stories/{id}/split", responses=posted)(self.split)
        router.post("/undo", responses=possible)(self.undo)
        return router

    def set_mark(self, id: asked.Id, mark: Mark) -> models.Marked:
        """Mark a story as read or starred; copies that come later join a read one quietly, a new text brings it back."""
        return self._mark(StoryId(id), mark, holds=True)

    def drop_mark(self, id: asked.Id, mark: Mark) -> models.Marked:
        """Take a mark away."""
        return self._mark(StoryId(id), mark, holds=False)

    def merge(self, wanted: models.ToMerge) -> models.Merged:
        """Make one story of several, for good: it holds through every rebuild."""
        return models.Merged(story=self._desk.merge([StoryId(id) for id in wanted.stories]))

    def split(self, id: asked.Id, wanted: models.ToSplit) -> models.Split:
        """Take articles out of a story, for good, to stand together in a story of their own."""
        stories = self._desk.split(StoryId(id), [ArticleId(article) for article in wanted.articles])
        return models.Split(stories=list(stories))

    def undo(self) -> models.Undone:
        """Take back the last merge, split or rebuild; again, the one before it."""
        undone = self._desk.undo()
        return models.Undone(kind=undone.kind, made=iso(undone.made) or "", told=undone.told)

    def _mark(self, id: StoryId, mark: Mark, *, holds: bool) -> models.Marked:
        try:
            (living,) = self._desk.mark([id], mark, holds=holds)
        except UsageError as error:
            raise HTTPException(HTTPStatus.NOT_FOUND, str(error)) from error
        with open_reader(self._paths) as reader:
            (story,) = reader.listed([living])
        return models.Marked(story=living, read=story.marks.read, starred=story.marks.starred)
