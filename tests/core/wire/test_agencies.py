"""The table of agencies."""

import re
from collections import Counter

import pytest

from aggregator.core.wire.agencies import (
    AGENCIES,
    KEYWORDS,
    Agency,
    agency_at,
    agency_known_as,
    agency_named,
    plain,
)


def _repeated(values: list[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def test_no_two_agencies_share_a_name() -> None:
    """A name, a mark, a site and a slug lead to one agency."""
    assert not _repeated([agency.slug for agency in AGENCIES])
    assert not _repeated([agency.name for agency in AGENCIES])
    assert not _repeated([plain(name) for agency in AGENCIES for name in {plain(name): name for name in agency.names}])
    assert not _repeated([mark for agency in AGENCIES for mark in agency.marks])
    assert not _repeated([site for agency in AGENCIES for site in agency.sites])
    assert not {mark for agency in AGENCIES for mark in agency.marks if plain(mark) in _plain_names(but=agency)}


def _plain_names(*, but: Agency) -> set[str]:
    return {plain(name) for agency in AGENCIES for name in agency.names if agency is not but}


@pytest.mark.parametrize("agency", AGENCIES, ids=lambda agency: agency.slug)
def test_every_agency_is_found_by_all_it_goes_by(agency: Agency) -> None:
    """The name that is shown is among those that are read, whatever the case of a full name."""
    assert re.fullmatch(r"[a-z-]+", agency.slug)
    assert agency_known_as(agency.slug) is agency
    assert {agency_named(name) for name in (agency.name, *agency.names, *agency.marks)} == {agency}
    assert {agency_named(name.upper()) for name in agency.names} == {agency}
    assert {agency_at(site) for site in agency.sites} == {agency}
    assert all(not KEYWORDS.isdisjoint(re.findall(r"[^\W_]+", name.casefold())) for name in agency.names)


def test_a_mark_counts_only_as_it_is_written() -> None:
    """The agency is "PA", a father is "Pa"; a name of its own may be written in any way."""
    assert agency_named("PA") is agency_known_as("pa")
    assert agency_named("Pa") is None
    assert agency_named("AGENCE FRANCE PRESSE") is agency_known_as("afp")
    assert agency_named("Agencia Brasil") is agency_known_as("agencia-brasil")
