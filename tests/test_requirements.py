"""Today's install works tomorrow: all that is installed is pinned, and what is pinned is installed."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LISTS = ("requirements.txt", "requirements-dev.txt", "constraints.txt")
# Python's own, which comes with .venv or not; and what only some systems or another torch need.
UNPINNED = re.compile(r"setuptools|colorama|pywin32|nvidia-.*|cuda-.*|triton")


def pins(name: str) -> dict[str, str]:
    """Version by package of one of the lists."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = [line.partition("==") for line in lines if "==" in line]
    return {canonicalize_name(package): version for package, _equals, version in found}


PINNED = {package: version for name in LISTS for package, version in pins(name).items()}


def brought_along(package: str) -> set[str]:
    """What a package needs on this system."""
    needed = map(Requirement, distribution(package).requires or [])
    return {canonicalize_name(r.name) for r in needed if r.marker is None or r.marker.evaluate({"extra": ""})}


@pytest.mark.parametrize("name", LISTS[:2])
def test_all_that_a_list_brings_along_is_pinned(name: str) -> None:
    found, new = set(), set(pins(name))
    while new:
        found |= new
        new = set().union(*map(brought_along, new)) - found
        new = {package for package in new if not UNPINNED.fullmatch(package)}
        assert new <= PINNED.keys(), "run pip freeze in a fresh .venv, and complete constraints.txt"


def test_another_project_gets_what_the_app_is_tested_with_or_newer() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked: dict[str, SpecifierSet] = {
        canonicalize_name(one.name): one.specifier for one in map(Requirement, project["dependencies"])
    }
    pinned = pins("requirements.txt")
    assert asked.keys() == pinned.keys()
    assert [package for package, version in pinned.items() if version not in asked[package]] == []


@pytest.mark.parametrize("package", sorted(PINNED))
def test_what_is_pinned_is_installed(package: str) -> None:
    try:
        installed = distribution(package).version.partition("+")[0]  # torch says for which GPU it was built
    except PackageNotFoundError:
        pytest.fail("nothing needs it any more: take it out")
    assert installed == PINNED[package]
