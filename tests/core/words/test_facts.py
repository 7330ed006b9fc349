"""Facts, and the guard that keeps reports made from one template apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.copies.copies import is_copy
from aggregator.core.copies.same_facts import same_facts
from aggregator.core.copies.similarity import Overlap, overlap
from aggregator.core.words.facts import MAX_FACTS, facts
from aggregator.core.words.signature import sign
from tests.builders import words

#: A report with gaps, and two ways to fill them.
TEMPLATES = {
    "English lottery": (
        (
            "The winning numbers in {0} evening's drawing of the Northmark Lottery were {1}. Players who match all of them win "
            "the jackpot, which stands at {2} dollars. Tickets are sold in shops all over the state until half an hour before "
            "the drawing, and prizes must be claimed within a year. Anyone who has lost a ticket should call the office of the "
            "lottery."
        ),
        ("Monday", "4, 17, 23, 31 and 40", "125,000"),
        ("Thursday", "8, 12, 19, 28 and 36", "140,000"),
    ),
    "English lottery in one line": (
        (
            "The Example Agency\n\nThe winning numbers in {0} drawing of the Northmark Lottery game called Pick Four were:"
            "\n\n{1}\n\nGet full access to all our pages on every one of your devices for a small sum each month."
        ),
        ("Saturday's", "5-6-3-9"),
        ("Saturday's", "3-1-6-8"),
    ),
    "English markets": (
        (
            "Shares in Valmark closed {0} as traders waited for the central bank. The leading index of the exchange in Port "
            "Ansel moved {1} points, or {2} percent, to {3}. It was a quiet day, said Ida Torv of the Ansel Bank, and most "
            "traders do not expect that the rate will change before the summer. Shares of shipping lines and of builders were "
            "in demand, those of the breweries were not, and the turnover was lower than usual. One dollar bought {4} crowns, "
            "after {5} crowns the day before."
        ),
        ("higher", "31.2", "0.8", "3,951.4", "7.31", "7.28"),
        ("lower", "12.7", "0.3", "3,870.9", "7.44", "7.39"),
    ),
    "English guest book": (
        (
            "Thank you for signing the guest book of {0}. All entries and photos are looked at before they appear, and most of "
            "them can be seen within a day. Please share this page with family and friends, and come back whenever you like."
        ),
        ("Oda Maria Klint",),
        ("Tamsin Brook",),
    ),
    "English account": (
        (
            "Use the arrow keys to move through the feed and the question mark to learn the other shortcuts of the site. "
            "See what u/{0} wrote. Are you old enough to see all pages of this account?"
        ),
        ("mossyteapot",),
        ("quietlantern",),
    ),
    "German weather": (
        (
            "In Ahlenbrück scheint bis zum Abend die Sonne, nur über den Bergen ziehen einige Wolken auf. Die Temperaturen "
            "liegen zwischen {0} und {1} Grad, der Wind weht mit {2} Kilometern in der Stunde aus Westen. Wanderer sollten auf "
            "die Warnungen der Bergwacht achten und früh am Morgen aufbrechen, denn am Nachmittag sind in höheren Lagen "
            "Gewitter nicht ausgeschlossen. Der Pegel der Ahle steht bei {3} Zentimetern."
        ),
        ("11", "24", "15", "182"),
        ("7", "19", "35", "196"),
    ),
    "German match": (
        (
            "Der FC {0} hat am Samstag vor eigenem Publikum gegen den SV {1} mit {2} gewonnen. Vor {3} Zuschauern fiel die "
            "Entscheidung erst in der Schlussphase, als den Gastgebern nach einer Ecke der Treffer zum Endstand gelang. Der "
            "Trainer lobte die Geduld seiner Mannschaft, die lange kein Mittel gegen die dichte Abwehr der Gäste gefunden "
            "hatte und nun auf Platz {4} steht. Am kommenden Wochenende geht es mit einem Spiel auf fremdem Platz weiter."
        ),
        ("Waldau", "Kirchrode", "2:1", "1.240", "4"),
        ("Seefeld", "Moosach", "3:2", "870", "9"),
    ),
    "French lottery": (
        (
            "Voici les résultats du tirage de la loterie de Valmont : les numéros gagnants sont le {0}. Aucun joueur n'a "
            "trouvé la bonne combinaison, et la cagnotte sera donc remise en jeu au prochain tirage avec {1} euros à gagner. "
            "Les gagnants ont soixante jours pour retirer leur gain dans un point de vente ou au siège de la loterie, sur "
            "présentation du reçu. Jouer comporte des risques, demandez conseil à vos proches."
        ),
        ("7, le 15, le 22 et le 38", "2 000 000"),
        ("2, le 11, le 19 et le 44", "3 500 000"),
    ),
    "Russian match": (
        (
            "Команда «{0}» на своём поле обыграла команду «{1}» со счётом {2} в матче очередного тура чемпионата области. "
            "Решающий мяч хозяева забили в самом конце встречи после углового. Тренер победителей поблагодарил игроков за "
            "терпение и отметил, что соперник хорошо защищался и долго не давал подойти к своим воротам. Следующий матч "
            "команда проведёт в гостях через неделю, билеты уже можно купить в кассах стадиона."
        ),
        ("Заречье", "Луговой", "2:1"),
        ("Полянск", "Ветрово", "3:0"),
    ),
    "Arabic weather": (
        (
            "تشهد المدينة اليوم طقسا مشمسا مع بعض الغيوم فوق الجبال، وتتراوح درجات الحرارة بين {0} و {1} درجة مئوية، وتبلغ سرعة "
            "الرياح {2} كيلومترا في الساعة. وتنصح الأرصاد الجوية السكان بمتابعة النشرات قبل السفر إلى الساحل أو إلى المناطق "
            "الجبلية، وتدعو الصيادين إلى توخي الحذر بسبب ارتفاع الأمواج، كما تذكر بأن الطرق الترابية قد تنقطع بعد هطول الأمطار."
        ),
        ("١١", "٢٤", "١٥"),
        ("١٨", "٣١", "٢٢"),
    ),
    "Japanese lottery": (
        (
            "県の宝くじの抽選会が{0}日に行われ、当せん番号は{1}番に決まりました。一等の賞金は{2}万円で、当たりくじは{3}枚でした。"
            "賞金は全国の銀行の窓口で一年以内に受け取ることができます。次の抽選会は来週の同じ時間に同じ会場で開かれる予定です。"
        ),
        ("3", "48213", "1500", "2"),
        ("10", "90577", "2200", "4"),
    ),
    "Chinese weather": (
        (
            "气象台今天发布天气预报，预计明天白天晴间多云，最高气温{0}度，夜间最低气温{1}度，西北风{2}级，降水概率百分之{3}。"
            "空气质量指数为{4}，适合户外活动。气象台提醒市民注意早晚温差，出门时带好外套，山区的居民要留意道路结冰。"
        ),
        ("24", "11", "3", "10", "52"),
        ("17", "6", "5", "40", "88"),
    ),
}

#: An article, and what an editor at another outlet made of it.
EDITED = {
    "English": (
        (
            "ANSEL, May 3 (Example Agency) - The ferry between Port Ansel and the islands will run again from Friday, the "
            "harbour office said. The ship had been in dock for seven weeks after its engine failed. Harbour master Ida Torv "
            'said that the repair cost 1.2 million crowns. "We are glad to be back on the water," she said. Some 400 people '
            "use the ferry each day. The shipping line wants to buy a second vessel next year."
        ),
        (
            "The ferry between Port Ansel and the islands runs again from Friday, the harbour office said. The ship "
            "had been in dock for seven weeks after its engine failed. Harbour master Ida Torv said that the repair cost "
            '1.2 million crowns. "We are glad to be back on the water," she said. Some 400 people use the ferry each day. '
            "Photo: Bo Lind"
        ),
    ),
    "German": (
        (
            "Der Stadtrat von Ahlenbrück hat am Dienstag den Bau einer neuen Brücke über die Ahle beschlossen. Die Kosten "
            "betragen nach Angaben der Verwaltung 14 Millionen Euro. Bürgermeisterin Hanna Brandner sagte, die alte Brücke von "
            "1931 sei nicht mehr zu retten. Der Bau soll im Herbst beginnen und drei Jahre dauern. Die Opposition hatte eine "
            "Sanierung gefordert, fand dafür aber keine Mehrheit."
        ),
        (
            "Der Stadtrat von Ahlenbrück hat den Bau einer neuen Brücke über die Ahle beschlossen. Die Kosten "
            "betragen nach Angaben des Rathauses 14 Millionen Euro. Bürgermeisterin Hanna Brandner sagte, die alte Brücke "
            "von 1931 sei nicht mehr zu retten. Der Bau soll im Herbst beginnen und drei Jahre dauern. Die Opposition hatte "
            "eine Sanierung verlangt."
        ),
    ),
    "German, with other nouns": (
        (
            "Der Stadtrat von Ahlenbrück hat am Dienstag den Bau einer neuen Brücke über die Ahle beschlossen. Die Kosten "
            "betragen nach Angaben der Verwaltung 14 Millionen Euro. Bürgermeisterin Hanna Brandner sagte, die alte Brücke "
            "von 1931 sei nicht mehr zu retten. Der Bau soll im Herbst beginnen und drei Jahre dauern. Die Opposition hatte "
            "eine Sanierung gefordert, fand dafür aber keine Mehrheit."
        ),
        (
            "Der Stadtrat von Ahlenbrück hat am Dienstag den Bau einer neuen Brücke über die Ahle beschlossen. Die Kosten "
            "betragen nach Angaben des Rathauses 14 Millionen Euro. Bürgermeisterin Hanna Brandner sagte, die alte Brücke "
            "von 1931 sei nicht mehr zu retten. Der Bau soll im Oktober beginnen und drei Jahre dauern. Die Opposition hatte "
            "eine Reparatur gefordert, fand dafür aber keine Mehrheit."
        ),
    ),
    "French": (
        (
            "VALMONT, 3 mars (Agence Exemple) - Le pont de Valmont sera fermé à la circulation à partir de lundi, a annoncé la "
            "mairie. Les travaux doivent durer six semaines et coûter 800 000 euros. Le maire, Paul Tessier, a demandé aux "
            "habitants de prendre patience. Quelque 5 000 véhicules passent chaque jour sur ce pont construit en 1956."
        ),
        (
            "Le pont de Valmont sera fermé à la circulation dès lundi, a fait savoir la mairie mardi. Les travaux doivent durer "
            "six semaines et coûter 800 000 euros. Le maire, Paul Tessier, a demandé aux habitants de prendre patience. "
            "Quelque 5 000 véhicules passent chaque jour sur ce pont construit en 1956."
        ),
    ),
    "Russian": (
        (
            "В Заречье после ремонта снова открылся городской музей, сообщили в четверг в мэрии. Работы продолжались два года и "
            "обошлись бюджету в 90 миллионов рублей. Директор музея Анна Лугова рассказала, что в новых залах покажут более "
            "трёхсот картин местных художников. Вход в первый месяц будет бесплатным для всех жителей города."
        ),
        (
            "В Заречье после ремонта снова открылся городской музей. Работы продолжались два года и "
            "обошлись бюджету в 90 миллионов рублей. Директор музея Анна Лугова рассказала, что в новых залах покажут более "
            "трёхсот картин местных художников. Фото: Олег Травин"
        ),
    ),
    "Arabic": (
        (
            "أعلنت بلدية المدينة يوم ٣ مايو افتتاح المكتبة العامة الجديدة بعد أعمال بناء استمرت عامين. وقال رئيس البلدية إن المكتبة "
            "تضم أكثر من ٥٠٠٠٠ كتاب وقاعات للقراءة وأخرى للأطفال. وأضاف أن الدخول سيكون مجانيا لجميع السكان طوال أيام الأسبوع، وأن "
            "البلدية تعتزم افتتاح فرعين آخرين في الأحياء الشمالية قبل نهاية العام المقبل."
        ),
        (
            "أعلنت البلدية يوم ٤ مايو افتتاح المكتبة العامة الجديدة بعد أعمال بناء استمرت عامين. وقال رئيس البلدية إن المكتبة تضم "
            "أكثر من ٥٠٠٠٠ كتاب وقاعات للقراءة وأخرى للأطفال. وأضاف أن الدخول سيكون مجانيا لجميع السكان طوال أيام الأسبوع، وأن "
            "البلدية ستفتح فرعين آخرين في الأحياء الشمالية قبل نهاية العام المقبل."
        ),
    ),
    "Japanese": (
        (
            "市は3日、川に架かる古い橋を来年の春から架け替えると発表しました。工事の費用は約12億円で、完成までに3年かかる見通しです。"
            "市長は会見で、橋は1931年に造られたもので、これ以上の修理は難しいと述べました。工事の間は車の通行ができなくなるため、"
            "市は住民への説明会を開くことにしています。"
        ),
        (
            "市は、川に架かる古い橋を来春から架け替えると発表しました。工事の費用は約12億円で、完成までに3年かかる見通しです。"
            "市長は、橋は1931年に造られたもので、これ以上の修理は難しいと述べました。工事の間は車の通行ができなくなります。（写真5枚）"
        ),
    ),
    "Chinese": (
        (
            "市政府3日宣布，新图书馆将于下个月向公众开放。该馆建筑面积2万平方米，藏书超过50万册，设有儿童阅览室和报告厅。馆长在新闻"
            "发布会上说，开放后全年免费，读者凭身份证即可入馆。市政府还计划在明年再建两座社区图书馆，方便郊区的居民借书。"
        ),
        (
            "市政府宣布，新图书馆下个月将向公众开放。该馆建筑面积2万平方米，藏书超过50万册，设有儿童阅览室和报告厅。馆长在发布会上"
            "说，开放后全年免费，读者凭身份证即可入馆。市政府还计划明年再建两座社区图书馆，方便郊区的居民。（编辑7）"
        ),
    ),
}


def _overlap(a: str, b: str) -> Overlap:
    return overlap(sign("", a).shingles, sign("", b).shingles)


def _same(a: str, b: str) -> bool:
    return same_facts(facts("", a), facts("", b), _overlap(a, b))


@pytest.mark.parametrize("name", TEMPLATES)
def test_reports_from_one_template_are_told_apart(name: str) -> None:
    """Two reports that share so many words that they would count as copies are two texts when numbers and names differ."""
    template, one, other = TEMPLATES[name]

    assert is_copy(_overlap(template.format(*one), template.format(*other)))
    assert not _same(template.format(*one), template.format(*other))


@pytest.mark.parametrize("language", EDITED)
def test_an_edited_copy_is_one_text_with_its_original(language: str) -> None:
    """Other words, a lost dateline or sentence, a photo credit: the text is still the same."""
    original, edited = EDITED[language]

    assert is_copy(_overlap(original, edited))
    assert _same(original, edited)


@pytest.mark.parametrize("language", EDITED)
def test_a_trimmed_copy_is_one_text_with_its_original(language: str) -> None:
    """A text without its end, or without its beginning, is still the same."""
    original, _ = EDITED[language]

    assert _same(original, original[: len(original) * 2 // 3])
    assert _same(original, original[len(original) // 3 :])


def test_a_mended_number_makes_no_other_text() -> None:
    """In a long article a corrected number or two are corrections; so is a date in a short one that has other facts."""
    long = words(200) + " paid 1,200 crowns " + words(200, start=400) + " since 1931 " + words(200, start=800)
    short = EDITED["English"][0]

    assert _same(long, long.replace("1,200", "1,500").replace("1931", "1913"))
    assert _same(short, short.replace("May 3", "May 4"))


def test_without_facts_the_words_decide() -> None:
    """Where a text has neither numbers nor names, sharing most words is enough."""
    whole = words(90)

    assert _same(whole, words(70) + " " + words(20, start=500))
    assert _same(whole + " 1931", words(70) + " " + words(20, start=500))


def test_typing_habits_do_not_make_other_facts() -> None:
    """A number is the same in any script's digits and with or without commas between its thousands; so is a name in capitals."""
    plain = facts("", "it cost 1200000 crowns, said Torv, and 45 more")

    assert facts("", "it cost 1,200,000 crowns, said Torv, and 45 more") == plain
    assert facts("", "it cost ١٢٠٠٠٠٠ crowns, said Torv, and ४५ more") == plain
    assert facts("", "it cost １２０００００ crowns, said TORV, and 45 more") == plain
    assert facts("", "it cost 1200.000 crowns, said Torv, and 45 more") != plain


@pytest.mark.parametrize(
    ("title", "text", "count"),
    [
        ("Ferry Back On The Water", "The ferry is back. It runs again.", 0),
        ("Ferry back after 7 weeks", "The ferry is back.", 1),
        ("", "The ferry of Ida Torv is back, says Bo.", 3),
        ("", "The Ferry Is Back\n\nthe ferry is back again", 0),
        ("", "see u/mossyteapot or @bo_lind", 2),
        ("", "the team won 3-2 and lost 1.5 points", 4),
    ],
)
def test_what_counts_as_a_fact(title: str, text: str, count: int) -> None:
    """Numbers anywhere, names inside sentences, accounts; not the capitals of headlines and of sentences' beginnings."""
    assert len(facts(title, text)) // 4 == count


def test_long_texts_are_compared_by_what_both_may_have_kept() -> None:
    """A list of a thousand numbers has no more facts than MAX_FACTS, and a large part of it is still the same text."""
    numbers = [str(number) for number in range(1000, 2000)]
    whole, part = " ".join(numbers), " ".join([*numbers[:400], "x y", *numbers[450:900]])

    assert len(facts("", whole)) // 4 == MAX_FACTS
    assert _same(whole, part)


def _overlap_of(common: int, alone: int, more: int) -> Overlap:
    shorter = common + alone
    return Overlap(jaccard=common / (shorter + alone + more), containment=common / shorter, shorter=shorter)


_COUNT = st.integers(min_value=0, max_value=400)
_OVERLAP = st.builds(_overlap_of, st.integers(min_value=1, max_value=400), _COUNT, _COUNT)
_PARTS = ["Ida", "ida", "torv", "7", "8-9", "1,000", "橋", "said.", "@bo", "Ñu", "٣", "\ud800"]
_TEXT = st.text(max_size=300) | st.lists(st.sampled_from(_PARTS), max_size=80).map(" ".join)


@given(_TEXT, _TEXT, _OVERLAP)
def test_any_texts_can_be_compared_in_either_order(a: str, b: str, shared: Overlap) -> None:
    """No text breaks the guard, whatever the overlap, and order does not matter; a text always agrees with itself."""
    mine, yours = facts(b, a), facts(a, b)

    assert same_facts(mine, yours, shared) == same_facts(yours, mine, shared)
    assert same_facts(mine, mine, shared)


@given(_TEXT)
def test_facts_are_distinct_and_ascending(text: str) -> None:
    """Any text at all gives hashes that set arithmetic can rely on."""
    hashes = np.frombuffer(facts(text, text), dtype="<u4").astype(np.int64)

    assert (np.diff(hashes) > 0).all()
    assert len(hashes) <= MAX_FACTS


@given(st.lists(st.sampled_from(_PARTS), min_size=25, max_size=90), st.integers(min_value=0, max_value=300))
def test_a_beginning_is_never_another_text(parts: list[str], cut: int) -> None:
    """A text is one with any beginning of itself that is long enough to be compared, wherever it was cut."""
    whole = " ".join(parts)
    part = whole[: max(len(whole) - cut, 0)]
    if sign("", part).shingles:
        assert _same(whole, part)
