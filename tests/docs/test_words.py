"""One word for one thing: what commands, pages, receipts, rules and the glossary say comes from tiendo/words.py, and no other is used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tiendo.settings import ROOT
from tiendo.words import WORDS, group, word

ROOMS = ("tiendo", "publishers", "pipeline", "expectations")
DOCS = ("docs/glossary.md", "docs/receipts.md", "docs/rules.md")
INSTEAD = [(key, other) for key, entry in WORDS.items() for other in entry.instead_of]


def texts() -> Iterator[tuple[Path, str]]:
    """Everything that people read in Vietnamese: texts of Python, words and rules in YAML, templates, what marts word, the docs."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if path.name != "words.py" or path.parent.name != "tiendo":
                tree = ast.parse(path.read_text(encoding="utf-8"))
                yield path, "\n".join(n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str))
        for path in sorted([*(ROOT / room).rglob("*.yml"), *(ROOT / room).rglob("*.html")]):
            yield path, path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "dbt_project" / "models").rglob("*.sql")):
        yield path, path.read_text(encoding="utf-8")
    for name in DOCS:
        yield ROOT / name, (ROOT / name).read_text(encoding="utf-8")


TEXTS = list(texts())


def said(text: str, words: str) -> bool:
    """Whether the words stand in the text as whole words, in small or capital letters."""
    # "được nhận ra" is to be recognised
    return re.search(rf"(?<!\w){re.escape(words)}(?! ra\b)(?!\w)", text, re.IGNORECASE) is not None


def test_there_is_something_to_read() -> None:
    assert len(TEXTS) > 150
    assert sum("được chấp nhận" in text for _, text in TEXTS) > 5


@pytest.mark.parametrize(("key", "other"), INSTEAD, ids=[f"{key}: {other}" for key, other in INSTEAD])
def test_another_word_is_not_used_for_the_same_thing(key: str, other: str) -> None:
    found = [str(path.relative_to(ROOT)) for path, text in TEXTS if said(text, other)]
    assert not found, f"write '{WORDS[key].vi}' (tiendo/words.py, {key}) instead of '{other}' in {', '.join(found)}"


def test_a_word_that_is_not_used_any_more_would_be_found() -> None:
    assert said("Gửi trước Giờ chốt.", "giờ chốt") and not said("được nhận ra", "được nhận") and said("số được nhận", "được nhận")


@pytest.mark.parametrize("name", ["lane", "slot", "hold_status", "dimension", "thing"])
def test_the_glossary_has_each_word_in_both_languages(name: str) -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").casefold()
    missing = [text for language in ("vi", "en") for text in group(name, language).values() if text not in glossary]
    assert not missing, f"docs/glossary.md does not have: {', '.join(missing)}"


def test_pages_and_receipts_say_the_shared_words() -> None:
    from publishers.page.language import words as page_words
    from publishers.receipts.words import words as form_words

    for language in ("vi", "en"):
        lanes = page_words(language)("reconciliation_line")
        assert all(word(f"lane.{lane}", language) in lanes for lane in ("accepted", "held", "rejected", "duplicate"))
        assert page_words(language)("terms.tier") == word("thing.tier", language, upper=True)
        assert form_words(language)["cutoff"].startswith(word("thing.cutoff", language, upper=True))
