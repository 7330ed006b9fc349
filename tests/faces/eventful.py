"""A database of a few invented events, placed and rebuilt as a daemon does it, for commands that explain and change it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from click.testing import CliRunner, Result

from aggregator.adapters.store import SqliteStore
from aggregator.cli import cli
from aggregator.core.words.signature import sign
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.pipeline.placing import place
from aggregator.pipeline.rebuild import rebuild
from tests.builders import article, words
from tests.faces.installed import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An article of an outlet, so many hours ago."""

    outlet: str
    title: str
    text: str
    ago: float = 5.0
    language: str | None = "en"


_WIRE = (
    "The ferry Halcyon ran aground on a sandbank off Sundholm early on Sunday with 243 people aboard. Lifeboats from Sundholm"
    " and a coastguard helicopter took all passengers off within three hours, and nobody was hurt. The captain told the"
    " coastguard that thick fog had hidden the buoys that mark the sandbank. The operator Larkline said that the Halcyon"
    " would be towed to the harbour at high tide on Monday."
)
_LOTTERY = (
    "The numbers of the midweek lottery were drawn on the evening show in front of a notary as usual. The winning numbers are"
    " {numbers}. The jackpot of {jackpot} crowns goes to a ticket sold in {town}, the company said. Tickets for the next draw"
    " are sold until noon at all kiosks and online. Results are given without guarantee by the lottery company."
)
#: What the tests name; the first ones tell one event.
EVENTS: Mapping[str, Told] = {
    "wire": Told(outlet="northern-wire", title="Ferry with 243 aboard runs aground off Sundholm", text=_WIRE, ago=30),
    "reprint": Told(
        outlet="evening-courier",
        title="Passengers rescued from ferry",
        text=f"{_WIRE} Our reporter spoke with families who waited at the quay all morning.",
        ago=29,
    ),
    "own": Told(
        outlet="metro-pulse",
        title="Halcyon stuck on sandbank: all passengers safe in Sundholm",
        text="Everyone aboard the ferry Halcyon is safe after she hit a sandbank near Sundholm in fog. Lifeboats brought"
        " passengers to the harbour, while a coastguard helicopter lifted an elderly couple. Larkline, which runs the ferry,"
        " blamed hidden buoys and promised refunds. The captain will be heard by the coastguard on Tuesday.",
        ago=27,
    ),
    "later": Told(
        outlet="daily-ledger",
        title="Fog and hidden buoys: how the ferry Halcyon met a Sundholm sandbank",
        text="Investigators of the coastguard asked the captain of the Halcyon why the ferry left its lane. Fog hid the buoys off"
        " Sundholm, he said, and the sandbank had moved. Lifeboats rescued the passengers; Larkline will tow the ferry to the"
        " harbour. A helicopter stood by through the morning.",
        ago=10,
    ),
    "german": Told(
        outlet="hafenblatt",
        title="Faehre Halcyon laeuft vor Sundholm auf Grund",
        text="Die Faehre Halcyon ist vor Sundholm im Nebel auf eine Sandbank gelaufen. Rettungsboote brachten alle Passagiere in"
        " den Hafen. Verletzt wurde niemand, sagte die Kuestenwache.",
        ago=28,
        language="de",
    ),
    "rate": Told(
        outlet="northern-wire",
        title="Bank of Meridia cuts key rate in split vote",
        text="The central bank of Meridia cut its key rate to 3.25 percent in a split vote. Governor Ansel said inflation had"
        " eased faster than forecast, and lenders would pass on cheaper credit. Two members of the board wanted to wait.",
        ago=20,
    ),
    "rates": Told(
        outlet="daily-ledger",
        title="Cheaper credit: Meridia's central bank lowers key rate",
        text="Inflation has eased, so the central bank of Meridia lowered its key rate, governor Ansel told lenders. The split"
        " board cut it to 3.25 percent; two members wanted to wait for the next forecast of inflation before credit becomes"
        " cheaper.",
        ago=18,
    ),
    "weather": Told(
        outlet="metro-pulse",
        title="Weather for the coast on Monday",
        text="Sunshine and light winds are expected along the coast on Monday, with highs of twenty degrees by noon and a calm sea"
        " for bathers.",
        ago=26,
    ),
    "weathers": Told(
        outlet="metro-pulse",
        title="Weather for the coast on Tuesday",
        text="Gusts and showers are expected along the coast on Tuesday, with highs of twelve degrees by noon and a rough sea for"
        " bathers.",
        ago=2,
    ),
    "draw": Told(
        outlet="daily-ledger",
        title="Lottery: the midweek numbers",
        text=_LOTTERY.format(numbers="4, 17, 23, 31, 40 and 44", jackpot="1,250,000", town="Larkhaven"),
        ago=60,
    ),
    "redraw": Told(
        outlet="eastmoor-post",
        title="Lottery: the midweek numbers",
        text=_LOTTERY.format(numbers="4, 17, 23, 31, 40 and 44", jackpot="1,250,000", town="Larkhaven"),
        ago=59,
    ),
    "draws": Told(
        outlet="evening-courier",
        title="Lottery: the midweek numbers",
        text=_LOTTERY.format(numbers="2, 8, 11, 19, 36 and 47", jackpot="3,800,000", town="Eastmoor"),
        ago=36,
    ),
    "old": Told(
        outlet="eastmoor-post", title="Ferry with 243 aboard runs aground off Sundholm", text=_WIRE, ago=30 + 20 * 24
    ),
    "brief": Told(outlet="eastmoor-post", title="In brief", text="More soon.", ago=3),
}
#: What every text has.
_COMMON = (
    "the council said on Monday that all of it would be heard at the next meeting with two members of board by noon and a"
    " chair to sit in for ones had not come but will from first last as was promised its coast harbour morning people"
)
#: What else is in the news: so that words have something to be common in.
_OTHERS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsroom:
    """Where the articles of `EVENTS` stand."""

    ids: Mapping[str, ArticleId]
    stories: Mapping[str, StoryId]
    urls: Mapping[str, str]


def fill(path: Path, *, learn: bool = True) -> Newsroom:
    """Write the events into a database; without `learn` no vocabulary is there yet."""
    now = datetime.now(UTC).replace(microsecond=0)
    others = [
        Told(outlet=f"paper-{number}", title=words(6, start=200 * number), text=_other(number), ago=3 + number)
        for number in range(1, _OTHERS)
    ]
    ids, urls = {}, {}
    with SqliteStore(path) as store:
        for name, told in [*EVENTS.items(), *((str(number), told) for number, told in enumerate(others))]:
            dated = now - timedelta(hours=told.ago)
            made = article(
                told.text, title=told.title, outlet=told.outlet, dated=dated, published=dated, language=told.language
            )
            signature = sign(made.title, made.text)
            with store.transaction():
                id = store.add_article(made, signature, now)
                place(store, id, signature, dated=dated, now=now)
            ids[name], urls[name] = id, made.url
        if learn:
            rebuild(store, now)
        stories = store.stories_of(ids.values())
    return Newsroom(ids=ids, stories={name: stories[id] for name, id in ids.items()}, urls=urls)


def _other(number: int) -> str:
    """Return a text about something else, with the words that every text has, in an order of its own."""
    common = _COMMON.split()
    start, step = number % len(common), 1 + number % 7
    mixed = [common[(start + step * place) % len(common)] for place in range(len(common))]
    return f"{words(40, start=200 * number)} {' '.join(mixed)}"


def invoke(place: Place, *words: str) -> Result:
    """Run `aggregator WORDS` in this process, which spares the time to load it; errors are raised, not printed."""
    return CliRunner().invoke(
        cli, [f"--config={place.config}", f"--db={place.database}", *words], standalone_mode=False
    )
