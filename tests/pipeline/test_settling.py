"""When the stories are arranged anew without being asked."""

from aggregator.core.stories.rules import Rules
from aggregator.pipeline.rebuild import Rebuilt
from tests.builders import words
from tests.pipeline.fakes import Desk, listed

FEED = "https://paper.example/feed"


def _desk(entries: int) -> Desk:
    """Return a desk whose only feed lists so many articles, each with its whole text."""
    desk = Desk(FEED)
    desk.web.feed(
        FEED,
        *(
            listed(
                f"https://paper.example/{number}", f"Headline {number}", content_text=words(400, start=1000 * number)
            )
            for number in range(entries)
        ),
    )
    return desk


def _settled(desk: Desk, *, anyway: bool = False) -> Rebuilt | None:
    return desk.run(desk.updater.settle(anyway=anyway))


def test_stories_settle_once_much_has_come() -> None:
    """A first lot of articles is arranged once their words are known, and not again while nothing comes."""
    with _desk(30) as desk:
        assert _settled(desk) is None
        desk.only()
        settled = _settled(desk)

        assert settled is not None
        assert settled.articles == 30
        assert _settled(desk) is None


def test_a_handful_of_articles_waits_for_the_night() -> None:
    """Few articles do not make the stories settle; the night does, whatever came."""
    with _desk(3) as desk:
        desk.only()

        assert _settled(desk) is None
        assert _settled(desk, anyway=True) is not None


def test_changed_rules_take_effect() -> None:
    """After a change of settings that has a say in stories they settle, once."""
    with _desk(3) as desk:
        desk.only()
        desk.updater.reconfigure(rules=Rules())
        assert _settled(desk) is None
        desk.updater.reconfigure(rules=Rules(same_event=0.6))

        assert _settled(desk) is not None
        assert _settled(desk) is None
