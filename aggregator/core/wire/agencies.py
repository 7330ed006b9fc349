"""The news agencies we know, and by which names texts speak of them.

The table lists what stands in datelines, bylines and credit lines, never what running prose may say: `core.wire.wire`
only looks at places where nothing but a name can stand. An agency that is missing here is still recognised by its
dateline, see there.
"""

import re
import unicodedata
from dataclasses import dataclass

_NOISE = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """A news agency."""

    #: Its name in lower case and ASCII: it never changes.
    slug: str
    #: What a person calls it.
    name: str
    #: Names that no other thing goes by; case, spaces and signs between the letters make no difference.
    names: tuple[str, ...]
    #: Short names that other things go by too: they count only as they are written here.
    marks: tuple[str, ...]
    #: The registrable domains of its own sites.
    sites: tuple[str, ...]


def _agency(slug: str, name: str, names: str, marks: str, sites: str) -> Agency:
    """Read a row: names are parted by commas, domains by spaces."""
    return Agency(
        slug=slug,
        name=name,
        names=tuple(filter(None, names.split(", "))),
        marks=tuple(filter(None, marks.split(", "))),
        sites=tuple(sites.split()),
    )


AGENCIES: tuple[Agency, ...] = (
    _agency("aap", "AAP", "Australian Associated Press", "AAP", "aap.com.au"),
    _agency("aa", "Anadolu", "Anadolu, Anadolu Agency, Anadolu Ajansı", "AA", "aa.com.tr"),
    _agency("adnkronos", "Adnkronos", "Adnkronos", "", "adnkronos.com"),
    _agency(
        "afp",
        "AFP",
        "AFP, Agence France-Presse, AFP Relaxnews, AFPBB News, 法新社, ا ف ب, أ ف ب, فرانس برس, АФП",
        "",
        "afp.com afpbb.com",
    ),
    _agency("agencia-brasil", "Agência Brasil", "Agência Brasil", "ABr", "ebc.com.br"),
    _agency("ani", "ANI", "Asian News International", "ANI", "aninews.in"),
    _agency("anp", "ANP", "Algemeen Nederlands Persbureau", "ANP", "anp.nl"),
    _agency("ansa", "ANSA", "ANSA, Agenzia ANSA", "", "ansa.it"),
    _agency("antara", "Antara", "Antara, Antara News, LKBN Antara", "", "antaranews.com"),
    _agency("ap", "AP", "Associated Press, AP News, 美联社, 美聯社, AP通信", "AP", "apnews.com ap.org"),
    _agency("apa", "APA", "Austria Presse Agentur", "APA", "apa.at"),
    _agency("belga", "Belga", "Belga, Agence Belga, Belga News Agency", "", "belga.be belganewsagency.eu"),
    _agency("bernama", "Bernama", "Bernama", "", "bernama.com"),
    _agency("bloomberg", "Bloomberg", "Bloomberg, Bloomberg News, ブルームバーグ", "", "bloomberg.com"),
    _agency("bta", "BTA", "Bulgarian News Agency, БТА", "BTA", "bta.bg"),
    _agency(
        "china-news", "China News Service", "China News Service, 中新社, 中新网", "", "chinanews.com chinanews.com.cn"
    ),
    _agency(
        "cna",
        "Central News Agency",
        "Central News Agency, 中央社, 中央通訊社, Focus Taiwan",
        "",
        "cna.com.tw focustaiwan.tw",
    ),
    _agency("cnn", "CNN", "CNN, CNN Wire, CNN Newsource", "", "cnn.com"),
    _agency(
        "cp",
        "The Canadian Press",
        "The Canadian Press, Canadian Press, La Presse Canadienne",
        "CP",
        "thecanadianpress.com",
    ),
    _agency("ctk", "ČTK", "ČTK, CTK", "", "ctk.cz ceskenoviny.cz"),
    _agency(
        "dpa",
        "dpa",
        "dpa, Deutsche Presse-Agentur, dpa infocom, dpa international",
        "",
        "dpa.com dpa-international.com",
    ),
    _agency("dpa-afx", "dpa-AFX", "dpa-AFX, AFX", "", "dpa-afx.de"),
    _agency("efe", "EFE", "EFE, Agencia EFE, EFE News", "", "efe.com"),
    _agency("europa-press", "Europa Press", "Europa Press", "EP", "europapress.es"),
    _agency("hina", "Hina", "Hrvatska izvještajna novinska agencija", "HINA, Hina", "hina.hr"),
    _agency("ians", "IANS", "IANS, Indo-Asian News Service", "", "ians.in"),
    _agency("interfax", "Interfax", "Interfax, Интерфакс, Interfax.ru", "", "interfax.ru interfax.com"),
    _agency("jiji", "Jiji Press", "Jiji, Jiji Press, 時事, 時事通信, 時事通信社", "", "jiji.com"),
    _agency(
        "keystone-sda", "Keystone-SDA", "Keystone-SDA, Keystone-ATS, sda-ats", "SDA, sda, ATS, ats", "keystone-sda.ch"
    ),
    _agency("kuna", "KUNA", "Kuwait News Agency", "KUNA", "kuna.net.kw"),
    _agency("kyodo", "Kyodo News", "Kyodo, Kyodo News, 共同, 共同通信, 共同通信社", "", "kyodonews.net kyodonews.jp"),
    _agency("lusa", "Lusa", "Agência Lusa", "Lusa, LUSA", "lusa.pt"),
    _agency("mena", "MENA", "Middle East News Agency", "MENA", "mena.org.eg"),
    _agency("mti", "MTI", "Magyar Távirati Iroda", "MTI", "mti.hu"),
    _agency("ntb", "NTB", "Norsk Telegrambyrå", "NTB", "ntb.no"),
    _agency("pa", "PA Media", "PA Media, Press Association, PA News Agency", "PA", "pa.media"),
    _agency("pap", "PAP", "Polska Agencja Prasowa", "PAP", "pap.pl"),
    _agency("pti", "PTI", "PTI, Press Trust of India", "", "ptinews.com"),
    _agency("qna", "QNA", "Qatar News Agency", "QNA", "qna.org.qa"),
    _agency(
        "reuters",
        "Reuters",
        "Reuters, Thomson Reuters, Thomson Reuters Foundation, Reuters Breakingviews, Reuters Health, "
        "ロイター, 路透, 路透社, 로이터, رويترز, Рейтер",
        "",
        "reuters.com",
    ),
    _agency("ria", "RIA Novosti", "RIA Novosti, РИА Новости", "RIA, РИА", "ria.ru"),
    _agency("ritzau", "Ritzau", "Ritzau", "", "ritzau.dk ritzau.com"),
    _agency("sid", "SID", "Sport-Informations-Dienst", "SID", "sid.de"),
    _agency("spa", "SPA", "Saudi Press Agency", "SPA", "spa.gov.sa"),
    _agency("sputnik", "Sputnik", "Sputnik News", "Sputnik", "sputniknews.com sputnikglobe.com"),
    _agency("stt", "STT", "Suomen Tietotoimisto, STT-Lehtikuva", "STT", "stt.fi"),
    _agency("tanjug", "Tanjug", "Tanjug, Танјуг", "", "tanjug.rs"),
    _agency("tass", "TASS", "ТАСС, TASS, ITAR-TASS, ИТАР-ТАСС", "", "tass.ru tass.com"),
    _agency("tt", "TT", "TT Nyhetsbyrån, Tidningarnas Telegrambyrå", "TT", "tt.se"),
    _agency("ukrinform", "Ukrinform", "Ukrinform, Укрінформ", "", "ukrinform.net ukrinform.ua"),
    _agency("upi", "UPI", "UPI, United Press International", "", "upi.com"),
    _agency("vna", "VNA", "Vietnam News Agency, TTXVN, Vietnam Plus", "VNA", "vnanet.vn vietnamplus.vn"),
    _agency("wam", "WAM", "Emirates News Agency", "WAM", "wam.ae"),
    _agency("xinhua", "Xinhua", "Xinhua, Xinhua News Agency, 新华社, 新華社, 新华网", "", "xinhuanet.com news.cn"),
    _agency("yonhap", "Yonhap", "Yonhap, 연합뉴스", "", "yna.co.kr"),
)


def plain(name: str) -> str:
    """Return what two ways to write a name have in common: its letters and digits, accents and case aside."""
    if not name.isascii():
        name = "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    # The dotless i of Turkish has no decomposition, and its capital is anyone's I.
    return _NOISE.sub("", name).casefold().replace("ı", "i")


_BY_NAME = {plain(name): agency for agency in AGENCIES for name in agency.names}
_BY_MARK = {mark: agency for agency in AGENCIES for mark in agency.marks}
_BY_SITE = {site: agency for agency in AGENCIES for site in agency.sites}
_ARTICLES = frozenset({"the", "la"})
#: Words in lower case of which every way to write an agency's name has one.
KEYWORDS = frozenset(
    form
    for agency in AGENCIES
    for name in (*agency.names, *agency.marks)
    for word in [next(word for word in re.findall(r"[^\W_]+", name.casefold()) if word not in _ARTICLES)]
    for form in (word, plain(word))
)
_BY_SLUG = {agency.slug: agency for agency in AGENCIES}


def agency_named(name: str) -> Agency | None:
    """Return the agency that goes by `name`, all of it."""
    return _BY_MARK.get(name) or _BY_NAME.get(plain(name))


def agency_at(site: str) -> Agency | None:
    """Return the agency whose own site this registrable domain is."""
    return _BY_SITE.get(site)


def agency_known_as(slug: str) -> Agency:
    """Return the agency with that slug.

    Raises:
        KeyError: there is none.
    """
    return _BY_SLUG[slug]
