"""Where a text says that it comes from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.wire.agencies import AGENCIES
from aggregator.core.wire.wire import Credit, agency_of, is_original

PROSE = "The bridge over the Amber was closed at noon.\nEngineers had found a crack in the third pier, the city said."


def _credit(text: str, *, author: str | None = None, site: str = "paper.example", name: str = "The Courier") -> Credit:
    credit = agency_of(text, author=author, source_site=site, source_name=name)
    assert credit is not None
    return credit


def _is_none(text: str, *, author: str | None = None) -> bool:
    return agency_of(text, author=author, source_site="paper.example", source_name="The Courier") is None


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("BERLIN (Reuters) - The bridge is closed.", "reuters"),
        ("NEW YORK/PORT AMBER (Reuters) – The bridge is closed.", "reuters"),
        ("PARIS, May 2 (AFP) - The bridge is closed.", "afp"),
        ("Port Amber, Meridia | AFP | The bridge is closed.", "afp"),
        ("MADRID, 2 may. (EFE) -  El puente está cerrado.", "efe"),
        ("Madrid, 2 may (EFE).- El puente está cerrado.", "efe"),
        ("(ANSA) - ROMA, 2 MAG - Il ponte è chiuso.", "ansa"),
        ("Berlin (dpa) - Die Brücke ist gesperrt.", "dpa"),
        ("Hannover (dpa/lni) - Die Brücke ist gesperrt.", "dpa"),
        ("dpa/lno - Die Brücke ist gesperrt.", "dpa"),
        ("FRANKFURT (dpa-AFX) - Die Brücke AG hat gewonnen.", "dpa-afx"),
        ("BEIJING, May 2 (Xinhua) -- The bridge is closed.", "xinhua"),
        ("新华社北京5月2日电（记者王小桥）大桥今天关闭。", "xinhua"),
        ("中新社香港5月2日电 大桥今天关闭。", "china-news"),
        ("（中央社台北2日電）大橋今天關閉。", "cna"),
        ("МОСКВА, 2 мая. /ТАСС/. Мост закрыт.", "tass"),
        ("МОСКВА, 2 мая — РИА Новости. Мост закрыт.", "ria"),
        ("Москва. 2 мая. ИНТЕРФАКС - Мост закрыт.", "interfax"),
        ("【ワシントン共同】橋が閉鎖された。", "kyodo"),
        ("東京（共同）橋が閉鎖された。", "kyodo"),
        ("【パリ時事】橋が閉鎖された。", "jiji"),
        ("TOKYO, May 2 (Jiji Press)--The bridge is closed.", "jiji"),
        ("［ロンドン　２日　ロイター］ - 橋が閉鎖された。", "reuters"),
        ("(서울=연합뉴스) 김다리 기자 = 다리가 폐쇄됐다.", "yonhap"),
        ("SEOUL, May 2 (Yonhap) -- The bridge is closed.", "yonhap"),
        ("ATLANTA (AP) — The bridge is closed.", "ap"),
        ("OMAHA, Neb. (AP) - The bridge is closed.", "ap"),
        ("LONDON (AP) The bridge is closed.", "ap"),
        ("ANKARA (AA) - Köprü kapandı.", "aa"),
        ("New Delhi, May 2 (PTI) The bridge is closed.", "pti"),
        ("New Delhi [India], May 2 (ANI): The bridge is closed.", "ani"),
        ("New Delhi, May 2 (IANS) The bridge is closed.", "ians"),
        ("May 2 (UPI) -- The bridge is closed.", "upi"),
        ("(Bloomberg) — The bridge is closed.", "bloomberg"),
        ("Brasília - Agência Brasil - A ponte está fechada.", "agencia-brasil"),
        ("Lisboa, 02 mai 2026 (Lusa) – A ponte está fechada.", "lusa"),
        ("Jakarta (ANTARA) - Jembatan ditutup.", "antara"),
        ("KUALA LUMPUR, May 2 (Bernama) -- The bridge is closed.", "bernama"),
        ("Hanoi (VNA) – The bridge is closed.", "vna"),
        ("Doha, May 02 (QNA) - The bridge is closed.", "qna"),
        ("RIYADH, May 2, SPA -- The bridge is closed.", "spa"),
        ("ABU DHABI, 2nd May, 2026 (WAM) -- The bridge is closed.", "wam"),
        ("CAIRO, May 2 (MENA) - The bridge is closed.", "mena"),
        ("Praha 2. května (ČTK) - Most je zavřený.", "ctk"),
        ("Budapest, 2026. május 2., szombat (MTI) - A híd zárva van.", "mti"),
        ("BEOGRAD - Tanjug - Most je zatvoren.", "tanjug"),
        ("BERN, 2. Mai (Keystone-SDA) - Die Brücke ist gesperrt.", "keystone-sda"),
        ("By Jane Doe\n(Reuters) - The bridge is closed.", "reuters"),
    ],
)
def test_the_dateline_names_the_agency(text: str, slug: str) -> None:
    """Each language has its own form of a dateline; the name in it is the text's origin."""
    credit = _credit(f"{text}\n{PROSE}")

    assert (credit.slug, credit.evidence) == (slug, "dateline")


@pytest.mark.parametrize(
    ("end", "slug"),
    [
        ("\nSource: Reuters", "reuters"),
        (" (Reporting by Jane Doe in Port Amber; Editing by John Roe)", "reuters"),
        (" (Writing by Jane Doe, editing by John Roe)", "reuters"),
        (" — Reuters", "reuters"),
        (" ― AFP", "afp"),
        ("\n- Nampa-Reuters", "reuters"),
        (" — AFP-Relaxnews pic", "afp"),
        ("\n© AFP", "afp"),
        ("\n© Agence France-Presse\nAdvertisement", "afp"),
        ("\n© Copyright 2026 The Associated Press. All rights reserved. Not to be copied.", "ap"),
        ("\n©2026 Bloomberg L.P.", "bloomberg"),
        ("\n(With inputs from PTI)", "pti"),
        ("\nWith ANI inputs", "ani"),
        ("\n— With files from The Canadian Press", "cp"),
        ("\n(mit Material der dpa)", "dpa"),
        (" (Mit Material von dpa und Reuters)", "dpa"),
        ("\nQuelle: APA", "apa"),
        ("\nAssociated Press writer Jane Doe contributed to this report.", "ap"),
        ("\nJane Doe, The Associated Press", "ap"),
        ("\nInformation from The Associated Press was used in this report.", "ap"),
        ("\nThis report by The Canadian Press was first published May 2, 2026.", "cp"),
        ("\nMore AP weather: https://weather.example", "ap"),
        (" (avec AFP)", "afp"),
        ("\nAvec l'AFP", "afp"),
        (" (Con información de EFE)", "efe"),
        ("\nCom informações da Agência Brasil", "agencia-brasil"),
        ("\nFonte: ANSA", "ansa"),
        (" (NTB)", "ntb"),
        ("\n/ritzau/", "ritzau"),
        (" (TT)", "tt"),
        (" STT", "stt"),
        ("\nSTT–Lehtikuva", "stt"),
        ("\nBELGA", "belga"),
        (" (ANP)", "anp"),
        (" (PAP)", "pap"),
        ("\nats", "keystone-sda"),
        ("\nPA", "pa"),
        ("（共同）", "kyodo"),
        ("\nИсточник: ТАСС", "tass"),
        ("\n来源：新华社", "xinhua"),
    ],
)
def test_the_last_lines_credit_the_agency(end: str, slug: str) -> None:
    """What stands behind the text, or in lines of its own below it, is a credit."""
    credit = _credit(PROSE + end)

    assert (credit.slug, credit.evidence) == (slug, "credit line")


@pytest.mark.parametrize("end", ["\nWith agency inputs", "\n(With inputs from agencies)", " — Agencies"])
def test_a_credit_without_a_name_is_some_agencys(end: str) -> None:
    """An outlet that owes a text to agencies it does not name says at least that; a byline would know better."""
    assert _credit(PROSE + end) == Credit(name="agency", slug=None, evidence="credit line")
    assert _credit(PROSE + end, author="PTI").name == "PTI"


@pytest.mark.parametrize(
    ("author", "slug"),
    [
        ("By Reuters Staff", "reuters"),
        ("Associated Press", "ap"),
        ("AP", "ap"),
        ("Jane Doe, Associated Press", "ap"),
        ("Jane Doe | AP Sports Writer", "ap"),
        ("dpa", "dpa"),
        ("Von dpa", "dpa"),
        ("AFP", "afp"),
        ("PTI", "pti"),
        ("Bloomberg News", "bloomberg"),
        ("PA Media", "pa"),
        ("연합뉴스", "yonhap"),
    ],
)
def test_the_byline_names_the_agency(author: str, slug: str) -> None:
    """The author that feed or page name, or a byline left above the text, may be an agency or its writer."""
    assert _credit(PROSE, author=author).slug == slug
    assert _credit(PROSE, author=author).evidence == "byline"
    assert _credit(f"{author}\n{PROSE}").slug == slug


@pytest.mark.parametrize(
    "text",
    [
        "",
        PROSE,
        f"{PROSE} The mayor told Reuters.",
        f"{PROSE}\nThe mayor spoke to the AP and to the AFP news agency in the evening.",
        f"{PROSE}\nThe Associated Press reports that the river is high.",
        f"{PROSE} It was shown live — the mayor told Reuters.",
        f"{PROSE} (Photo: AFP)",
        f"{PROSE}\nFile photo/Reuters",
        f"{PROSE}\nPhoto by Jane Doe (AFP)",
        f"PORT AMBER (    ) - {PROSE}",
        f"{PROSE} [Variety, CNN]",
        f"The Associated Press (AP) said on Monday that it would move. {PROSE}",
        f"The mayor in 2014 (Jane Doe/Reuters)\n{PROSE}",
        f"Philadelphia (PA) has many bridges. {PROSE}",
        f"PA - that is what the children call him. {PROSE}",
        f"The Reserve Bank (RBI) on Monday closed the bridge. {PROSE}",
        f"Gilead Bridges (GILD.O) - the builder - won. {PROSE}",
        f"The Income Tax (I-T) - department - said so. {PROSE}",
        f"US (AMB) - the bridge. {PROSE}",
        f"{PROSE} He lives near the spa",
    ],
)
def test_prose_names_nobody(text: str) -> None:
    """Who was told something, who took the picture and what else goes by the same letters did not write the text."""
    assert _is_none(text)


@pytest.mark.parametrize("author", ["Michael Bloomberg", "Pa Smith", "A. A. Gill", "Spa Team", "Agency", ""])
def test_people_are_no_agencies(author: str) -> None:
    """A name that merely holds an agency's letters is a person's."""
    assert _is_none(PROSE, author=author)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("PORT AMBER (Northern Wire) - The bridge is closed.", "Northern Wire"),
        ("Sundholm, 3 May (Northern Wire) — The ferry sails.", "Northern Wire"),
        ("Sundholm (na/kby) – Die Fähre fährt wieder.", "na"),
        ("東京（朝凪通信）— 橋が閉鎖された。", "朝凪通信"),
    ],
)
def test_an_unknown_agency_counts_in_a_strict_dateline(text: str, name: str) -> None:
    """A place, a name in brackets and a dash: nothing but a dateline looks so."""
    assert _credit(text) == Credit(name=name, slug=None, evidence="dateline")
    assert _is_none(text.replace(" -", " said").replace(" —", " said").replace(" –", " said").replace("— ", "は"))


def test_an_agencys_own_site_speaks_for_itself() -> None:
    """What stands at the agency is the agency's, whomever it thanks at the end; only a dateline says otherwise."""
    own = _credit(f"{PROSE}\nWith inputs from PTI", site="reuters.com", name="Reuters")
    other = _credit(f"PARIS (AFP) - {PROSE}", site="reuters.com", name="Reuters")

    assert (own.slug, own.evidence) == ("reuters", "own site")
    assert (other.slug, other.evidence) == ("afp", "dateline")


@pytest.mark.parametrize(
    ("text", "site", "name", "expected"),
    [
        ("PARIS (AFP) - The bridge is closed.", "afp.com", "afp.com", True),
        ("PARIS (AFP) - The bridge is closed.", "mirror.example", "Agence France-Presse", True),
        ("PARIS (AFP) - The bridge is closed.", "reuters.com", "Reuters", False),
        ("PARIS (AFP) - The bridge is closed.", "paper.example", "The Courier", False),
        ("PORT AMBER (Northern Wire) - The bridge is closed.", "wire.example", "NORTHERN-WIRE", True),
        ("Port Amber (Northern Wire) The bridge is closed.", "wire.example", "Northern Wire", True),
        ("PORT AMBER (Northern Wire) - The bridge is closed.", "paper.example", "The Courier", False),
        (PROSE, "paper.example", "The Courier", False),
        (f"{PROSE}\nWith agency inputs", "paper.example", "The Courier", False),
    ],
)
def test_only_the_agency_itself_is_original(text: str, site: str, name: str, *, expected: bool) -> None:
    """The same text is original at the agency, known by its site or its name, and a reprint elsewhere."""
    credit = agency_of(text, author=None, source_site=site, source_name=name)

    assert is_original(credit, source_site=site, source_name=name) is expected


SIGNS = st.sampled_from(
    [*"()（）【】［］/=-—–|:;,.© \n", "AP", "Reuters", "共同", "新华社", "电", "By ", " contributed to this report"]
)
TEXTS = st.text() | st.lists(SIGNS | st.text(max_size=3), max_size=40).map("".join)


@given(text=TEXTS, author=st.none() | TEXTS, name=st.text() | st.sampled_from([agency.name for agency in AGENCIES]))
def test_any_text_has_an_answer(text: str, author: str | None, name: str) -> None:
    """Nothing that a page may hold makes the reading fail, and what it finds has a name."""
    credit = agency_of(text, author=author, source_site="paper.example", source_name=name)

    assert credit is None or credit.name.strip()
    assert is_original(credit, source_site="paper.example", source_name=name) in {True, False}
