"""Articles to fill pages with: invented, and the same on every run."""

import random
from dataclasses import dataclass
from html import escape

_FIRST = ("ba", "co", "de", "fi", "ga", "hu", "la", "me", "no", "pa", "ri", "sa", "to", "ve", "wi")
_NEXT = (
    "bor",
    "den",
    "field",
    "gate",
    "ham",
    "ker",
    "land",
    "ming",
    "ner",
    "port",
    "rick",
    "son",
    "ter",
    "vale",
    "ward",
)
_PLAIN = (
    "the",
    "a",
    "of",
    "to",
    "in",
    "and",
    "that",
    "for",
    "on",
    "with",
    "was",
    "were",
    "said",
    "from",
    "by",
    "after",
    "before",
    "over",
    "under",
    "new",
    "old",
    "city",
    "council",
    "harbour",
    "bridge",
    "school",
    "river",
    "market",
    "winter",
    "summer",
    "plan",
    "vote",
    "court",
    "train",
    "price",
    "water",
    "power",
    "report",
    "week",
    "year",
    "people",
    "about",
    "would",
    "could",
    "had",
    "have",
    "been",
    "more",
    "than",
    "most",
    "some",
    "many",
    "few",
    "two",
    "three",
    "seven",
    "ten",
    "million",
    "workers",
    "ferry",
    "storm",
    "road",
)
#: How likely a phrase of a paragraph stands in each of these.
_INLINE = (("a", 0.05), ("strong", 0.02), ("em", 0.02))


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph, heading, quotation or list of an article: its lines as text and as markup."""

    kind: str
    lines: tuple[str, ...]
    markup: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """An article: what is to be read of it."""

    title: str
    author: str
    blocks: tuple[Block, ...]

    @property
    def text(self) -> str:
        """All its lines; those of lists without their marks."""
        return "\n".join(line for block in self.blocks for line in block.lines)


def written(chance: random.Random, *, paragraphs: int) -> Written:
    """Return an article of so many paragraphs, with a heading, a list or a quotation here and there."""
    blocks = []
    for number in range(paragraphs):
        blocks.append(_block(chance, "p", 1, chance.randrange(18, 75)))
        if number % 5 == 3 and number + 1 < paragraphs:
            blocks.append(_block(chance, "h2", 1, chance.randrange(3, 8), plain=True))
        elif chance.random() < 0.06:
            blocks.append(_block(chance, "ul", chance.randrange(3, 7), chance.randrange(6, 20)))
        elif chance.random() < 0.06:
            blocks.append(_block(chance, "blockquote", 1, chance.randrange(15, 40)))
    title = sentence(chance, chance.randrange(6, 12))[0].removesuffix(".")
    return Written(title=title, author=f"{name(chance)} {name(chance)}", blocks=tuple(blocks))


def sentence(chance: random.Random, words: int) -> tuple[str, str]:
    """Return a sentence as text and as markup."""
    text: list[str] = []
    markup: list[str] = []
    while len(text) < words:
        phrase = [
            chance.choice(_PLAIN) if chance.random() < 0.7 else name(chance) for _ in range(chance.randrange(2, 6))
        ]
        text += phrase
        shown = escape(" ".join(phrase), quote=False)
        tag = next((tag for tag, share in _INLINE if chance.random() < share), None)
        address = f' href="/topic/{phrase[-1].lower()}"' if tag == "a" else ""
        markup.append(f"<{tag}{address}>{shown}</{tag}>" if tag else shown)
    text[0] = text[0].capitalize()
    whole = " ".join(markup)
    if not whole.startswith("<"):
        whole = whole[0].upper() + whole[1:]
    else:
        whole, text[0] = (
            f"So {whole}",
            f"So {text[0][0].lower() if text[0].lower() in _PLAIN else text[0][0]}{text[0][1:]}",
        )
    return f"{' '.join(text)}.", f"{whole}."


def name(chance: random.Random) -> str:
    """Return a name that no place or person is known to have."""
    return (chance.choice(_FIRST) + chance.choice(_FIRST) + chance.choice(_NEXT)).capitalize()


def _block(chance: random.Random, kind: str, lines: int, words: int, *, plain: bool = False) -> Block:
    made = []
    for _ in range(lines):
        sentences = [sentence(chance, min(words, chance.randrange(8, 22))) for _ in range(max(1, words // 14))]
        made.append((" ".join(one for one, _ in sentences), " ".join(other for _, other in sentences)))
    texts = tuple(text for text, _ in made)
    return Block(kind=kind, lines=texts, markup=tuple(escape(text) if plain else markup for text, markup in made))
