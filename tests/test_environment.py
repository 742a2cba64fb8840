"""environment.yml, pyproject.toml and requirements.lock describe one environment."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
CONDA_PLAIN = [entry for entry in CONDA["dependencies"] if isinstance(entry, str)]

DIRECT = [
    *PROJECT["project"]["dependencies"],
    *PROJECT["dependency-groups"]["dev"],
    *PROJECT["build-system"]["requires"],  # the package is built without isolation, from the lock
]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


def read_stanzas(lock: str) -> list[list[str]]:
    """The lock's packages: each a list of its lines without comments, the pin first. Options are left out."""
    stanzas: list[list[str]] = []
    for line in lock.splitlines():
        text = line.strip().removesuffix("\\").strip()
        if not text or text.startswith("#") or line.startswith("-"):
            continue
        if line[0].isspace():
            stanzas[-1].append(text)
        else:
            stanzas.append([text])
    return stanzas


STANZAS = read_stanzas(LOCK)


def read_pins() -> dict[str, list[Requirement]]:
    """Pins by name; a package may be pinned differently for different Pythons, by markers."""
    pins: dict[str, list[Requirement]] = {}
    for pin, *_ in STANZAS:
        requirement = Requirement(pin)
        pins.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return pins


PINS = read_pins()


def pins_of(name: str) -> list[Requirement]:
    """The lock's pins of a package, none where it is absent."""
    return PINS.get(canonicalize_name(name), [])


def pinned_versions(name: str) -> list[Version]:
    """The exact versions that the lock holds of a package."""
    return [Version(spec.version) for pin in pins_of(name) for spec in pin.specifier if spec.operator == "=="]


def applies(requirement: Requirement, python: str) -> bool:
    """Whether a requirement is meant for this Python, on Linux."""
    here = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
    }
    return requirement.marker is None or requirement.marker.evaluate(here)


@pytest.mark.parametrize("written", DIRECT)
def test_direct_dependency_is_locked_at_a_version_it_allows(written):
    requirement = Requirement(written)
    versions = pinned_versions(requirement.name)
    assert versions, f"{requirement.name} is not in requirements.lock: run make lock"
    outside = [str(version) for version in versions if version not in requirement.specifier]
    assert not outside, f"{outside} in requirements.lock, but {written} in pyproject.toml: run make lock"


@pytest.mark.parametrize("python", PYTHONS)
def test_direct_dependency_is_locked_once_for_every_python(python):
    wanted = [requirement for requirement in map(Requirement, DIRECT) if applies(requirement, python)]
    counts = {wish.name: sum(applies(pin, python) for pin in pins_of(wish.name)) for wish in wanted}
    assert {name: n for name, n in counts.items() if n != 1} == {}


def test_every_line_of_the_lock_is_one_exact_pin_with_sha256_hashes():
    faults = []
    for pin, *hashes in STANZAS:
        requirement = Requirement(pin)
        if not re.fullmatch(r"==[0-9][0-9a-zA-Z.!+]*", str(requirement.specifier)):
            faults.append(f"{pin}: not one exact version")
        if not hashes or any(not re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", text) for text in hashes):
            faults.append(f"{pin}: no sha256 hashes, or something else beside them")
    assert len(STANZAS) > len(DIRECT)
    assert faults == []


def test_lock_names_no_registry_and_no_place_on_a_machine():
    forbidden = re.compile(r"://|file:|^\s*-(?!-hash=)|[ =@]\.{0,2}/|[A-Za-z]:\\")
    assert [line for line in LOCK.splitlines() if forbidden.search(line)] == []


def test_lock_says_how_it_is_made():
    assert "make lock" in "\n".join(LOCK.splitlines()[:3])
    assert re.search(r"^lock:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_conda_installs_exactly_the_lock():
    sections = [entry for entry in CONDA["dependencies"] if isinstance(entry, dict)]
    assert sections == [{"pip": ["-r requirements.lock"]}]


def test_conda_adds_nothing_but_python_and_pip():
    assert [re.match(r"[a-z]+", entry)[0] for entry in CONDA_PLAIN] == ["python", "pip"]
    assert CONDA["channels"] == ["conda-forge"]
    assert CONDA["name"] == PROJECT["project"]["name"]


def test_conda_allows_the_pythons_that_the_project_allows():
    (python,) = (entry for entry in CONDA_PLAIN if entry.startswith("python"))
    assert SpecifierSet(python.removeprefix("python").strip()) == SpecifierSet(PROJECT["project"]["requires-python"])


def test_tools_check_for_the_oldest_python_allowed():
    oldest = min(Version(spec.version) for spec in SpecifierSet(PROJECT["project"]["requires-python"]))
    tools = PROJECT["tool"]
    assert tools["mypy"]["python_version"] == str(oldest)
    assert tools["ruff"]["target-version"] == f"py{oldest.major}{oldest.minor}"
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"--python-version {oldest} " in makefile
