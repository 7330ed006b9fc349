"""News as the bench writes it: by a small grammar, the same for the same seed."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

_SYLLABLES = tuple(
    "ba bel cor da den fa gar hal ka lin lor mar mi nor o pel qui ran sel ta thu u var ven wy zan".split()
)
_TOPICS: tuple[tuple[str, ...], ...] = tuple(
    tuple(line.split())
    for line in (
        "harbour ferry pilot tide crew dock vessel cargo channel coastguard crane lighthouse mooring hull",
        "council budget levy vote mayor motion chamber committee deficit ward petition clerk amendment audit",
        "hospital ward nurse surgeon patient clinic vaccine theatre bed consultant triage trust outbreak scan",
        "court judge verdict witness appeal counsel sentence jury hearing testimony bail statute tribunal plea",
        "match goal striker keeper league coach penalty stadium season referee transfer captain defender derby",
        "factory plant turbine shift union wage strike contract supplier export order assembly warehouse output",
        "school teacher pupil exam classroom syllabus head term grant boarding lesson college degree library",
        "storm flood river dam rainfall gauge levee evacuation shelter forecast bridge culvert sandbag reservoir",
        "bank rate inflation loan bond currency market share dividend merger profit quarter regulator forecast",
        "museum painting gallery curator theft restoration sculpture auction archive exhibition donor catalogue",
        "railway train signal platform driver timetable track tunnel station freight carriage junction fare depot",
        "software chip network breach server password laboratory patent sensor battery satellite startup outage probe",
    )
)
_ROLES = "spokeswoman minister engineer chairman resident inspector professor director lawyer secretary analyst owner".split()
_VERBS = "announced confirmed rejected delayed reviewed defended opened closed questioned approved postponed inspected".split()
_QUALITIES = (
    "long-awaited disputed costly narrow unexpected modest sweeping temporary regional independent early final".split()
)
_HEADLINES = (
    "{place} {noun} {verb} after {quality} {noun2}",
    "{quality} {noun} in {place}: {person} {verb} {noun2}",
    "{person} {verb} {place} {noun} as {noun2} nears {number}",
    "{number} {noun}s and a {quality} {noun2}: what {place} {verb}",
)
_ARTICLES = "the the the a a this that its their his her some no every".split()
_LINKS = (
    "of in for on with at by from to about after before under over without against between near since until".split()
)
_JOINTS = "and but while because although which who when where as so that if than or".split()
_HELPERS = "was is had will could would has been may did not is not were are can should must".split()
_ENDINGS = "ing ed tion ment er ness able ly ance ive al ist ship ful ism age".split()
#: Words beside those of the event, and sentences that anybody writes ("the road will be closed until further notice"), one in
#: so many. With these an article has as many others to be compared with as in a real stream: of 2,000 the median has 2, the
#: mean is 4.8, nine in ten have no more than 14.
_COMMON_WORDS, _STOCK, _STOCK_EVERY = 4_000, 4_000, 13
#: Shares of the words of an event and of its people, places and numbers among those that say something.
_OWN, _NAMED = 0.3, 0.12


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One text on one event."""

    title: str
    lead: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    """What all who tell an event have in common: its subject, and who and where it is about."""

    nouns: tuple[str, ...]
    people: tuple[str, ...]
    places: tuple[str, ...]
    numbers: tuple[str, ...]


def tell(seed: int, event: int, teller: int, *, paragraphs: tuple[int, int] = (3, 9)) -> Telling:
    """Write what `teller` has to tell of `event`: of one event all speak of the same people, places and numbers."""
    known = _event(seed, event)
    chance = random.Random(f"{seed} {event} {teller}")
    title = _headline(known, chance)
    text = tuple(
        " ".join(_sentence(known, chance) for _ in range(chance.randint(2, 3)))
        for _ in range(chance.randint(*paragraphs))
    )
    return Telling(title=title[0].upper() + title[1:], lead=text[0], paragraphs=text)


def name(chance: random.Random) -> str:
    """Make up a name."""
    return "".join(chance.choices(_SYLLABLES, k=chance.randint(2, 3))).capitalize()


def words(chance: random.Random, count: int) -> str:
    """Write some words that mean nothing, as links and labels have them."""
    return " ".join(chance.choices(chance.choice(_TOPICS), k=count))


@cache
def _event(seed: int, event: int) -> _Event:
    chance = random.Random(f"{seed} {event}")
    own = _TOPICS[event % len(_TOPICS)]
    return _Event(
        nouns=(*chance.sample(own, 7), *(name(chance).lower() for _ in range(4))),
        people=tuple(f"{name(chance)} {name(chance)}" for _ in range(4)),
        places=tuple(name(chance) for _ in range(3)),
        numbers=tuple(str(chance.randint(11, 9_000)) for _ in range(5)),
    )


@cache
def _common_words() -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Return words and, summed up, how often each is used: the n-th 1/n times as often as the first, as in any language."""
    chance = random.Random(0)
    found = dict.fromkeys(
        "".join(chance.choices(_SYLLABLES, k=chance.randint(1, 2))) + chance.choice(_ENDINGS)
        for _ in range(3 * _COMMON_WORDS)
    )
    return tuple(found)[:_COMMON_WORDS], _shares(_COMMON_WORDS)


def _shares(count: int) -> tuple[float, ...]:
    return tuple(accumulate(1 / (rank + 8) for rank in range(count)))


def _headline(known: _Event, chance: random.Random) -> str:
    noun, noun2 = chance.sample(known.nouns, 2)
    return chance.choice(_HEADLINES).format(
        noun=noun,
        noun2=noun2,
        person=chance.choice(known.people),
        place=chance.choice(known.places),
        number=chance.choice(known.numbers),
        verb=chance.choice(_VERBS),
        quality=chance.choice(_QUALITIES),
    )


@cache
def _stock() -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Return what anybody writes, and how often, as of words."""
    nobody = _Event(nouns=_common_words()[0], people=("they",), places=("there",), numbers=("two",))
    return tuple(_composed(nobody, random.Random(number)) for number in range(_STOCK)), _shares(_STOCK)


def _sentence(known: _Event, chance: random.Random) -> str:
    if chance.randrange(_STOCK_EVERY):
        return _composed(known, chance)
    sentences, shares = _stock()
    return chance.choices(sentences, cum_weights=shares)[0]


def _composed(known: _Event, chance: random.Random) -> str:
    """Write a sentence: words that say something, with the small words between them that English has."""
    parts: list[str] = []
    for _ in range(chance.randint(3, 5)):
        parts += (chance.choice(_ARTICLES), _word(known, chance), chance.choice(_HELPERS), _word(known, chance))
        if chance.random() < 0.7:
            parts += (chance.choice(_LINKS), _word(known, chance))
        parts.append(chance.choice(_JOINTS))
    text = " ".join(parts[:-1])
    return f"{text[0].upper()}{text[1:]}, said {chance.choice(known.people)}, {chance.choice(_ROLES)}."


def _word(known: _Event, chance: random.Random) -> str:
    draw = chance.random()
    if draw < _NAMED:
        return chance.choice(chance.choice((known.people, known.places, known.numbers)))
    if draw < _NAMED + _OWN:
        return chance.choice(known.nouns)
    words, shares = _common_words()
    return chance.choices(words, cum_weights=shares)[0]


def links(chance: random.Random, count: int, *, within: str) -> Sequence[str]:
    """Return links of a menu."""
    return [f'<a class="{within}__a" href="/{name(chance).lower()}/">{words(chance, 2)}</a>' for _ in range(count)]
