"""Agencies in lines that hold names and nothing else: "— AFP", "(with PTI inputs)", "By Reuters Staff", "Source: EFE".

A line or its last words count when all that is left, without the words such lines are made of, is an agency's name.
"""

import re
from collections.abc import Iterator

from aggregator.core.wire.agencies import KEYWORDS, agency_known_as, agency_named

#: What a text credits that names no agency: "with agency inputs".
SOME_AGENCY = "agency"

#: Bylines and credits that are lines of their own are no longer than this, in characters and in gaps between words.
_LINE = 90
_LINE_GAPS = 14
#: Names have at most so many words: "Press Trust of India".
_NAME_WORDS = 4
_AGENCY = """
    agencies agency agences agence agencias agencia agências agência agenturen agentur agenzie agenzia
    nachrichtenagenturen nachrichtenagentur presseagentur
"""
# What stands around a name in a credit line, in the languages of the agencies.
_AROUND = """
    a additional all and by c contributed contribution contributions copyright correspondent correspondents credit editor
    feed feeds files from inc information input inputs journalist journalists l lp ltd material news newswire of or pic
    press report reported reporter reporters reporting reports reserved rights service source sources sport sports staff
    story supplied syndicated text the this to using via wire wires with writer writers y z
    auf aus basiert das der die informationen mit quelle quellen und unter verwendung vom von zum
    au avec d de des du en et informations la le les par
    al con cortesía datos del e el fuente fuentes información informaciones los por texto
    com da do dos fonte informações
    dal dall dell di fonti las materiale
    bron met van av basert fra från för kilde kilder källa lähde materialet med
    forrás kaynak nguồn zdroj źródło источник 出典 来源 來源 출처
"""
_AGENCY_WORDS = frozenset(_AGENCY.split())
_FILLER = _AGENCY_WORDS | frozenset(_AROUND.split())
_LETTERS = re.compile(r"[^\W_]+")
#: A word of each name, and the last words of Reuters' signature.
_KEYWORDS = _AGENCY_WORDS | KEYWORDS | {"editing"}
_WORD = re.compile(r"[^\W_](?:[\w.\-]*[^\W_])?")
_PARTS = re.compile(r"[,;|/&+()（）\[\]:：©]|\s[-–—―]+\s|\s(?:and|And|und|et|y|e|og|och|ja)\s")
# The last words of a line, behind a dash or in brackets. A stroke behind a word parts a photographer from the agency.
_LAST_WORDS = re.compile(r"(?:[—–―(（\[]|(?<![\w)])/|(?<=\s)-{1,2})\s*([^—–―/()（）\[\]\n]{2,60})[)）/\]]?[\W_]*\Z")
# The last word, behind the end of a sentence: "The bridge is open. STT".
_LAST_WORD = re.compile(r"[.!?。\"”»]\s+([^\W\d_]{2,12})[\W_]*\Z")
_COPYRIGHT_MARKS = ("©", "(c)", "(C)", "Copyright")
_COPYRIGHT = re.compile(r"(?:©|\([cC]\)|Copyright)([^\n.;|]{2,60})")
_CONTRIBUTED = re.compile(r"([^.\n]{2,120}?) contributed to (?:this|the) (?:report|story|article)")
_BYLINE = re.compile(r"(?:By|Von|Par|Por|Di|Da|Av|Af|От|De)\s", re.IGNORECASE)
_PICTURE = re.compile(r"photo|image|picture|foto|getty|bild", re.IGNORECASE)
# What the AP alone writes below its texts.
_AP_SIGNATURE = re.compile(r"\bMore AP [\w ]{2,30}:|\bThe AP is solely responsible for")
_USED = re.compile(r"(?:[Ii]nformation from|[Rr]eport by) ([^.\n]{2,60}?) was (?:used in this|first published)")


def named_in_byline(line: str) -> str | None:
    """Return the name of the agency that a byline such as "Jane Doe, Associated Press" ends in or begins with."""
    return next((name for part in _PARTS.split(line[:200]) if (name := _name(part)) is not None), None)


def named_at_the_beginning(text: str) -> str | None:
    """Return the agency of a byline that the extraction left above the text."""
    line = text.partition("\n")[0]
    if len(line) > _LINE:
        return None
    return named_in_byline(line) if _BYLINE.match(line) else _whole(line)


def below_byline(text: str) -> str:
    """Return the beginning of a text without the byline that the extraction left above it."""
    line, _, rest = text.partition("\n")
    return rest.lstrip() if len(line) <= _LINE and _BYLINE.match(line) else text


def named_at_the_end(lines: list[str]) -> str | None:
    """Return the agency that the last lines of a text credit; `SOME_AGENCY` where they credit one without its name."""
    # Four of five texts end without the word of any agency, and to see that is quicker than to take their lines apart.
    if _KEYWORDS.isdisjoint(_LETTERS.findall("\n".join(lines).casefold())):
        return None
    if _is_signed_by_reuters(lines):
        return agency_known_as("reuters").name
    found = [name for line in reversed(lines) for name in _credits(line)]
    return next((name for name in found if name != SOME_AGENCY), found[0] if found else None)


def _is_signed_by_reuters(lines: list[str]) -> bool:
    """Tell whether a text ends as no other agency's: "(Reporting by …; Editing by …)"."""
    end = "\n".join(lines)
    return "diting by " in end and ("eporting by " in end or "riting by " in end)


def _credits(line: str) -> Iterator[str]:
    if " AP " in line and _AP_SIGNATURE.search(line):
        yield agency_known_as("ap").name
    if len(line) <= _LINE and (name := _whole(line)):
        yield name
    # Most lines have no mark, and looking for one is quicker than the search.
    if any(mark in line for mark in _COPYRIGHT_MARKS):
        yield from filter(None, map(named_in_byline, _COPYRIGHT.findall(line)))
    end = line[-_LINE:]
    last = _LAST_WORDS.search(end) or _LAST_WORD.search(end)
    if last is not None and not _PICTURE.search(end):
        yield from filter(None, (_whole(last[1]),))
    if " was " in line:
        yield from filter(None, map(named_in_byline, _USED.findall(line)))
    if "contributed to" in line:
        yield from filter(None, map(_beginning, _CONTRIBUTED.findall(line)))


def _whole(line: str) -> str | None:
    """Return the agency of a line that names nobody else."""
    if line.count(" ") > _LINE_GAPS:
        return None
    parts = [part for part in _PARTS.split(line) if not _is_filler(part)]
    if not parts:
        return _unnamed(line)
    *others, last = map(_name, parts)
    if last is None or not all(name or _is_person(part) for name, part in zip(others, parts, strict=False)):
        return None
    return next(filter(None, others), last)


def _is_person(part: str) -> bool:
    """Tell whether a few words can be a writer's name: "Josh Funk"."""
    words = part.split()
    return 1 < len(words) <= _NAME_WORDS and all(word[0].isupper() for word in words)


def _name(part: str) -> str | None:
    """Return the agency of a few words that hold its name and filler, nothing else."""
    words = _WORD.findall(part)
    first, last = 0, len(words)
    while first < last and _fills(words[first]):
        first += 1
    while last > first and _fills(words[last - 1]):
        last -= 1
    if last - first > _NAME_WORDS:
        return None
    # Some names begin or end in what is filler elsewhere: "Press Trust of India", "AP News".
    for begin in range(max(0, first - 2), first + 1):
        for end in range(min(len(words), last + 2), last - 1, -1):
            if (agency := agency_named(" ".join(words[begin:end]))) is not None:
                return agency.name
    # A small agency passes on a large one's text: "Nampa-Reuters".
    _, hyphen, origin = words[first].rpartition("-") if last - first == 1 else ("", "", "")
    agency = agency_named(origin) if hyphen else None
    return agency.name if agency else None


def _beginning(sentence: str) -> str | None:
    """Return the agency that the first words of a sentence name: "Associated Press writer Jane Doe"."""
    words = [word for word in _WORD.findall(sentence) if word not in {"The", "the", "and"}]
    for count in range(_NAME_WORDS, 0, -1):
        if (agency := agency_named(" ".join(words[:count]))) is not None:
            return agency.name
    return None


def _unnamed(part: str) -> str | None:
    """Return `SOME_AGENCY` for "with agency inputs", "Agencies" and the like."""
    words = [word.casefold() for word in _WORD.findall(part)]
    speaks_of_one = not _AGENCY_WORDS.isdisjoint(words)
    return SOME_AGENCY if speaks_of_one and all(map(_fills, words)) and words != ["agency"] else None


def _is_filler(part: str) -> bool:
    return all(map(_fills, _WORD.findall(part)))


def _fills(word: str) -> bool:
    return word.isdecimal() or word.casefold() in _FILLER or word.replace("-", "").isdecimal() or word == "L.P"
