"""The text that a feed itself carries, and whether it is the whole article."""

import re

from aggregator.core.markup.html_text import paragraphs
from aggregator.domain.feeds import Entry

#: Words from which a feed's content may be the whole article. The longest teaser that the 105 files of
#: feeds/outlets_2020_21 print as content has 207 (LA Times); four in five of the articles in pages/gold_181 have more
#: than 250. A short article taken for a teaser costs one request, a teaser taken for the article costs its text.
MIN_FULL_WORDS = 250
#: Characters a word has in scripts that put no blanks between words: 250 words are some 500 Han or kana characters.
_CHARACTERS_A_WORD = 2
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
#: How teasers end: an ellipsis, or an invitation to read on, perhaps with the site's name behind it.
_BROKEN_OFF = re.compile(
    r"(?:…|\.\.\.|\[…\]|\[\.\.\.\]|»|→|>>)$"
    r"|(?:read (?:more|on|the (?:rest|full))|continue reading|keep reading|full (?:story|article)|more (?:on|at) "
    r"|weiterlesen|mehr lesen|lesen sie|lire la suite|lire plus|en savoir plus|leer más|seguir leyendo|sigue leyendo"
    r"|leggi (?:tutto|anche|di più)|continua a leggere|continue lendo|leia mais|ler mais|lees (?:meer|verder)|läs mer"
    r"|les mer|læs mere|lue lisää|czytaj (?:więcej|dalej)|číst dál|читать (?:далее|дальше|полностью)|подробнее"
    r"|читати далі|devamını oku|baca selengkapnya|đọc tiếp|続きを読む|阅读全文|閱讀全文|더 보기|اقرأ المزيد|ادامه مطلب"
    r"|the post .{1,200} appeared first on)[^\n]{0,200}$",
    re.IGNORECASE,
)


def feed_text(entry: Entry) -> str:
    """Return the text that the feed itself carries: that of the content, else the summary; paragraphs on lines."""
    return paragraphs(entry.content) or entry.summary


def is_full_text(entry: Entry) -> bool:
    """Tell whether the feed's content is the whole article, so that its page need not be fetched."""
    text = feed_text(entry) if entry.content else ""
    unspaced = len(_UNSPACED.findall(text))
    words = len(text.split()) + unspaced // _CHARACTERS_A_WORD
    return words >= MIN_FULL_WORDS and not _BROKEN_OFF.search(text[-400:])
