"""What the repository as a whole must keep: no traces of a machine, no registry addresses."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ADDRESS = re.compile(r"\"resolved\"|^[^#]*--(extra-)?index-url|^[^#{}\"]*https?://")
"""Of a package; the funding pages that npm notes are none."""

TEXT_LIMIT = 2_000_000

MACHINE_PATHS = re.compile(
    r"(?<![\w.~-])/(?:work/(?:main|shared|\.)|(?:home|Users)/(?!(?:planner|surveyor)\b)\w|root/|mnt/\w|tmp/devpg)"
    r"|[A-Z]:\\Users"
)
REGISTRIES = re.compile(
    r"https?://[^\s\"']*(?:pypi|pythonhosted|npmjs|npmmirror|artifactory|nexus|tuna\.tsinghua"
    r"|aliyun|:\d{4,5}/(?:simple|pypi|npm))[^\s\"']*"
    r"|index-url\s*=?\s*https?://\S+"
)
LOCKS = ("requirements/*.txt", "package-lock.json")


def tracked():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def texts():
    """Tracked text files that are on disk: path and content."""
    for path in tracked():
        if path.is_file() and path.stat().st_size < TEXT_LIMIT and path != Path(__file__):
            try:
                yield path.relative_to(ROOT), path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


@pytest.fixture(scope="module")
def contents():
    if not (ROOT / ".git").exists():
        pytest.skip("no git checkout: the files are not known")
    return dict(texts())


@pytest.mark.parametrize(
    "pattern", [MACHINE_PATHS, REGISTRIES], ids=["developer-machine", "registry"]
)
def test_no_file_names(contents, pattern):
    named = [
        f"{path}:{number}: {line.strip()[:120]}"
        for path, text in contents.items()
        if pattern.search(text)
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]
    assert named == []


def locks():
    return [path for pattern in LOCKS for path in sorted(ROOT.glob(pattern))]


@pytest.mark.parametrize("path", locks(), ids=lambda path: path.name)
def test_a_lock_file_carries_hashes_and_no_address(path):
    text = path.read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if ADDRESS.search(line)] == []
    assert re.search(r"--hash=sha256:|\"integrity\": \"sha512-", text)


def test_every_python_requirement_is_pinned_with_a_hash():
    for path in ROOT.glob("requirements/*.txt"):
        lines = path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
        wanted = [line for line in lines if line.strip() and not line.startswith(("#", "-r", "-c"))]
        assert wanted
        for line in wanted:
            assert re.match(r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==\S+.*--hash=sha256:", line), line


@pytest.mark.parametrize("name", ["layers", "geodata", "service"])
def test_an_import_contract_names_the_package(name):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    linter = project["tool"]["importlinter"]
    assert name in linter["root_packages"]
    assert any(name in contract.get("layers", []) for contract in linter["contracts"])


def test_imports_run_one_way():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (order,) = [
        contract["layers"]
        for contract in project["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    ]
    assert order == ["service", "geodata", "layers"]


def test_the_version_is_told_alike_wherever_it_is_told():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = project["version"]
    if (plain := ROOT / "VERSION").exists():
        assert plain.read_text(encoding="utf-8").strip() == version
    if (changes := ROOT / "CHANGELOG.md").exists():
        assert re.search(rf"^## .*(Unreleased|{re.escape(version)})", changes.read_text(), re.M)


def test_tests_are_no_packages_for_they_would_hide_the_real_ones():
    assert not list((ROOT / "tests").rglob("__init__.py"))


@pytest.mark.parametrize("package", ["layers", "geodata", "service"])
def test_every_package_says_in_one_line_what_it_is_for(package):
    for path in (ROOT / package).rglob("__init__.py"):
        assert path.read_text(encoding="utf-8").startswith('"""'), path


@pytest.mark.parametrize("package", ["layers", "geodata"])
def test_no_rule_of_the_checkers_is_switched_off_in_the_code(package):
    switches = re.compile(r"#\s*(noqa|type:\s*ignore|pylint:|nosec)\b")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in (ROOT / package).rglob("*.py")
        if path != Path(__file__)
        for line in path.read_text(encoding="utf-8").splitlines()
        if switches.search(line)
    ]
    assert found == []
