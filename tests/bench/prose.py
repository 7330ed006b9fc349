"""News as the bench writes it: by a small grammar, the same for the same seed."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

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
_TIMES = (
    "on Monday",
    "late on Tuesday",
    "before dawn",
    "after a long night",
    "by noon",
    "within hours",
    "last week",
    "in the spring",
)
_SENTENCES = (
    "{person}, {role} of the {place} {noun}, {verb} the {quality} {noun2} {time}, saying that {number} {noun3}s had been counted so far.",
    'The {quality} {noun} was {verb} {time}, and "nobody in {place} expected the {noun2} to last", {person} told reporters.',
    "In {place}, {number} people gathered near the {noun} while the {noun2} was {verb} by the {role}.",
    "According to a {quality} report of {number} pages, the {noun} in {place} had cost {number2} more than the {noun2} before it.",
    "{person} {verb} that the {noun}, the {noun2} and the {noun3} would stay as they are until {place} had paid its share.",
    "The {role} did not say when the {noun} would be {verb}, but {person} expects the {noun2} {time}.",
    "What the {noun3} means for {place} remained unclear {time}; the {role} spoke of a {quality} {noun} and left.",
    "Some {number} of the {number2} {noun}s had been {verb} when {person} arrived from {place} with the {noun2}.",
    "A {quality} {noun2} was found beside the {noun}, and the {role} {verb} it {time} without giving a reason.",
    '"We have seen the {noun} and we have seen the {noun2}," said {person}, whose {noun3} in {place} was {verb} {time}.',
)
_HEADLINES = (
    "{place} {noun} {verb} after {quality} {noun2}",
    "{quality} {noun} in {place}: {person} {verb} {noun2}",
    "{person} {verb} {place} {noun} as {noun2} nears {number}",
    "{number} {noun}s and a {quality} {noun2}: what {place} {verb}",
)


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


def tell(seed: int, event: int, teller: int, *, paragraphs: tuple[int, int] = (8, 22)) -> Telling:
    """Write what `teller` has to tell of `event`: of one event all speak of the same people, places and numbers."""
    known = _event(seed, event)
    chance = random.Random(f"{seed} {event} {teller}")
    title = _filled(chance.choice(_HEADLINES), known, chance)
    text = tuple(
        " ".join(_filled(chance.choice(_SENTENCES), known, chance) for _ in range(chance.randint(2, 3)))
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


def _filled(template: str, known: _Event, chance: random.Random) -> str:
    noun, noun2, noun3 = chance.sample(known.nouns, 3)
    text = template.format(
        noun=noun,
        noun2=noun2,
        noun3=noun3,
        person=chance.choice(known.people),
        place=chance.choice(known.places),
        number=chance.choice(known.numbers),
        number2=chance.choice(known.numbers),
        role=chance.choice(_ROLES),
        verb=chance.choice(_VERBS),
        quality=chance.choice(_QUALITIES),
        time=chance.choice(_TIMES),
    )
    return text[0].upper() + text[1:]


def links(chance: random.Random, count: int, *, within: str) -> Sequence[str]:
    """Return links of a menu."""
    return [f'<a class="{within}__a" href="/{name(chance).lower()}/">{words(chance, 2)}</a>' for _ in range(count)]
