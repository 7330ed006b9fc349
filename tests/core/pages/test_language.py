"""Rules of `core.language`: detected where sure, declared where not, two letters always."""

import pickle

import pytest

from aggregator.core.pages.language import language_code, language_of

TEXTS = {
    "en": "The council voted on Thursday night to close the old harbour bridge while engineers inspect its piers.",
    "de": "Der Stadtrat beschloss am Donnerstagabend, die alte Hafenbrücke zu sperren, bis Fachleute die Pfeiler prüfen.",
    "fr": "Le conseil municipal a décidé jeudi soir de fermer le vieux pont du port pendant l'inspection des piles.",
    "es": "El ayuntamiento decidió el jueves por la noche cerrar el viejo puente del puerto mientras se revisan los pilares.",
    "no": "Bystyret vedtok torsdag kveld å stenge den gamle havnebroen mens ingeniørene undersøker pilarene.",
    "ru": "Городской совет решил в четверг вечером закрыть старый портовый мост на время проверки опор.",
    "ar": "قرر مجلس المدينة مساء الخميس إغلاق جسر الميناء القديم ريثما يفحص المهندسون دعائمه.",
    "ja": "市議会は木曜日の夜、技術者が橋脚を調べる間、古い港の橋を閉鎖することを決めた。",
    "zh": "市议会星期四晚上决定，在工程师检查桥墩期间关闭旧港口大桥。",
}


@pytest.mark.parametrize(("expected", "text"), TEXTS.items())
def test_a_sentence_tells_its_language(expected: str, text: str) -> None:
    """A sentence is enough, and beats a wrong declaration."""
    assert language_of(text, declared="xx") == expected


@pytest.mark.parametrize(
    "text",
    ["", "Live!", "1234567890 " * 9, "2:1", "Real Madrid 2 Manchester City 1", "Sinner Alcaraz Roland Garros finale"],
)
def test_too_little_text_leaves_the_declaration(text: str) -> None:
    """Where nothing can be detected, what is declared counts, and without that nothing is known."""
    assert language_of(text, declared="de-AT") == "de"
    assert language_of(text, declared=None) is None


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en-GB", "en"),
        ("en_US.UTF-8", "en"),
        (" EN ", "en"),
        ("pt-BR, en", "pt"),
        ("eng", "en"),
        ("nb-NO", "no"),
        ("iw", "he"),
        ("yue", "zh"),
        ("pcm", None),
        ("english", None),
        ("", None),
        (None, None),
    ],
)
def test_tags_become_two_letters(tag: str | None, expected: str | None) -> None:
    """Regions, cases and spellings of one language share a code."""
    assert language_code(tag) == expected


def test_the_function_travels_to_worker_processes() -> None:
    """It can be pickled, also after the model was loaded."""
    language_of(TEXTS["en"], declared=None)

    assert pickle.loads(pickle.dumps(language_of)) is language_of
