import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.requests import Request

from service.web.language import Language, language_of, texts, translate, translations

ROOT = Path(__file__).parents[3]
WEB = ROOT / "service" / "web"
SCRIPTS = WEB / "static" / "zgc"
TEMPLATES = WEB / "templates"
SOURCES = (
    *(ROOT / "service").rglob("*.py"),
    *TEMPLATES.glob("*.html"),
    *SCRIPTS.glob("*.js"),
)

# Groups whose keys are data: units and classes of the plan, words of Leaflet.draw, languages.
BY_DATA = ("unit.", "class.", "drawLocal.", "shell.language_", "account.role_")


def literals(source: Path) -> set[str]:
    """Literals that have the form of a key: `group.name`."""
    text = source.read_text(encoding="utf-8")
    return set(re.findall(r'"([a-z]+(?:\.[a-z]+(?:_[a-z]+)*)+)"', text))


def keys_in(source: Path) -> set[str]:
    """Literals in a group of the catalog that are no file names."""
    groups = {key.split(".")[0] for key in translations()}
    return {
        text
        for text in literals(source)
        if text.split(".")[0] in groups and not text.endswith((".html", ".js", ".css"))
    }


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_every_key_that_a_source_uses_is_in_the_catalog(source: Path) -> None:
    assert keys_in(source) <= set(translations())


def test_no_key_of_the_catalog_is_unused() -> None:
    used = set().union(*map(literals, SOURCES))
    unused = [key for key in translations() if key not in used and not key.startswith(BY_DATA)]
    assert unused == []


def test_every_text_has_the_same_placeholders_in_both_languages() -> None:
    for key, text in translations().items():
        assert set(re.findall(r"{(\w+)}", text.zh)) == set(re.findall(r"{(\w+)}", text.en)), key


def imported(script: Path) -> Iterator[Path]:
    """A module and all that it imports."""
    seen, waiting = set(), [script]
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        names = re.findall(r'from "\./(\w+\.js)"', module.read_text(encoding="utf-8"))
        waiting.extend(SCRIPTS / name for name in names)
    yield from seen


@pytest.mark.parametrize("template", ["map.html", "statistics.html"])
def test_a_page_carries_the_texts_that_its_scripts_use(template: str) -> None:
    html = (TEMPLATES / template).read_text(encoding="utf-8")
    given = re.search(r"texts\(([^)]*)\)", html)
    entry = re.search(r'src="\{\{ root \}\}/static/zgc/(\w+\.js)"', html)
    assert given
    assert entry
    prefixes = tuple(re.findall(r'"([^"]+)"', given[1]))
    used = set().union(*(keys_in(module) for module in imported(SCRIPTS / entry[1])))
    assert used
    assert {key for key in used if not key.startswith(prefixes)} == set()


@pytest.mark.parametrize(
    ("file", "column", "group"),
    [("indicators.csv", "unit", "unit."), ("growth_targets.csv", "target", "class.")],
)
def test_every_unit_and_class_of_the_plan_has_words(file: str, column: str, group: str) -> None:
    path = ROOT / "geodata" / "plan" / "data" / file
    with path.open(encoding="utf-8", newline="") as rows:
        values = {row[column] for row in csv.DictReader(rows)}
    assert {value for value in values if group + value not in translations()} == set()


def request(query: str = "", cookie: str = "") -> Request:
    headers = [(b"cookie", cookie.encode())] if cookie else []
    return Request(
        {"type": "http", "scheme": "http", "query_string": query.encode(), "headers": headers}
    )


@pytest.mark.parametrize(
    ("query", "cookie", "expected"),
    [
        ("", "", Language.ZH),
        ("lang=en", "", Language.EN),
        ("", "lang=en", Language.EN),
        ("lang=zh", "lang=en", Language.ZH),
        ("lang=fr", "", Language.ZH),
        ("lang=fr", "lang=en", Language.EN),
    ],
)
def test_language_is_asked_for_then_remembered_then_chinese(
    query: str, cookie: str, expected: Language
) -> None:
    assert language_of(request(query, cookie)) is expected


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        translate("no.such_key", Language.ZH)


def test_texts_of_a_group_are_in_one_language() -> None:
    assert texts(Language.EN, "nav.")["nav.map"] == "Map"
    assert texts(Language.ZH, "nav.")["nav.map"] == "地图"
    assert all(key.startswith("nav.") for key in texts(Language.ZH, "nav."))
