"""What outlets put everywhere is learned, and what was signed with it is signed again, also where somebody breaks off."""

from collections.abc import Iterator

import pytest

from aggregator.core.words.signature import sign
from aggregator.domain.ids import ArticleId
from aggregator.pipeline.placing import place
from aggregator.pipeline.signing import new_boilerplate, sign_again, take_up
from tests.builders import NOON, article, hours, words
from tests.pipeline.archive import Archive

LINE = "Sign up for our newsletter, every morning at six."


def _tell(archive: Archive, number: int, outlet: str = "herald") -> ArticleId:
    made = article(
        f"{words(60, start=1000 * number)}\n{LINE}", outlet=outlet, url=f"https://{outlet}.example/{number}", at=number
    )
    signature = sign(made.title, made.text)
    with archive.store.transaction():
        id = archive.store.add_article(made, signature, NOON)
        place(archive.store, id, signature, dated=made.dated, now=hours(number))
    return id


@pytest.fixture
def archive() -> Iterator[Archive]:
    """Return an archive with three articles of one outlet under which one line stands, and one of another."""
    with Archive.told() as archive:
        for number in range(3):
            _tell(archive, number)
        _tell(archive, 9, "courier")
        yield archive


def test_learning_boilerplate_writes_nothing(archive: Archive) -> None:
    """What is new is returned, with the articles that it concerns; what is known is not told again."""
    before = archive.changes()
    (learned,) = new_boilerplate(archive.store)

    assert archive.changes() == before
    assert (learned.site, len(learned.lines), [*learned.articles]) == ("herald.example", 1, [1, 2, 3])
    take_up(archive.store, learned)
    assert new_boilerplate(archive.store) == ()


def test_articles_that_came_meanwhile_are_signed_again_too(archive: Archive) -> None:
    """Those of the outlet that came after the texts were read were signed without what was learned from these."""
    (learned,) = new_boilerplate(archive.store)
    late, _ = _tell(archive, 4), _tell(archive, 5, "courier")
    take_up(archive.store, learned)

    assert archive.store.unsigned() == (1, 2, 3, late)
    assert archive.store.unsigned([late, ArticleId(2), ArticleId(77)]) == (2, late)


def test_what_is_to_be_signed_again_is_not_forgotten(archive: Archive) -> None:
    """Who breaks off after some articles goes on with the others the next time, and comes to what one time comes to."""
    with Archive.told() as other:
        for number in range(3):
            _tell(other, number)
        _tell(other, 9, "courier")
        other.settle(at=50)

        (learned,) = new_boilerplate(archive.store)
        take_up(archive.store, learned)
        sign_again(archive.store, [ArticleId(2)])
        assert archive.store.unsigned() == (1, 3)
        archive.settle(at=50)

        for table in ("signature", "band", "tie", "boilerplate"):
            assert sorted(archive.content()[table]) == sorted(other.content()[table])


def test_a_text_without_a_word_is_signed_once(archive: Archive) -> None:
    """Where nothing can be compared there is nothing to be done again either."""
    made = article("", title="", outlet="herald", url="https://herald.example/e")
    signature = sign(made.title, made.text)
    with archive.store.transaction():
        id = archive.store.add_article(made, signature, NOON)
        archive.store.sign_later([id])
    sign_again(archive.store)

    assert not archive.store.has_unsigned()
