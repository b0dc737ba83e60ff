"""Phones: sealed, found without being opened, masked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from road import KEY

from store.contacts import ContactKeyMissing, Contacts, Unopenable, masked, normalised

CONTACTS = Contacts(KEY)
OTHER = Contacts("A" * 43 + "=")
PHONES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


@given(PHONES)
def test_what_is_sealed_opens_under_its_key_only(phone: str) -> None:
    sealed = CONTACTS.seal(phone)
    assert phone.encode() not in sealed
    assert sealed != CONTACTS.seal(phone)
    assert CONTACTS.open(sealed) == phone
    with pytest.raises(Unopenable):
        OTHER.open(sealed)
    with pytest.raises(Unopenable):
        CONTACTS.open(sealed[:-1])


@given(PHONES, PHONES)
def test_the_blind_index_finds_the_phone_and_no_other(one: str, other: str) -> None:
    assert (CONTACTS.index(one) == CONTACTS.index(other)) == (one == other)
    assert CONTACTS.index(one) != OTHER.index(one)


@given(st.text(min_size=1, max_size=20))
def test_a_mask_shows_three_digits_ahead_and_four_behind_at_most(phone: str) -> None:
    assert len(masked(phone)) == len(phone)
    assert sum(shown != "*" for shown in masked(phone)) <= 7


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("13812345678", "13812345678"),
        ("+86 138-1234 5678", "13812345678"),
        ("021-55500100", "02155500100"),
        ("12345", None),
        ("138123456789", None),
        ("", None),
    ],
)
def test_a_phone_as_people_type_it(typed: str, phone: str | None) -> None:
    assert normalised(typed) == phone


def test_a_masked_phone() -> None:
    assert masked("13812345678") == "138****5678"
    assert masked("123") == "**3"


@pytest.mark.parametrize("key", ["", "short", "A" * 44, "///"])
def test_without_a_key_nothing_is_stored(key: str) -> None:
    with pytest.raises(ContactKeyMissing):
        Contacts(key)


def test_a_link_is_the_same_each_time_and_nobody_elses() -> None:
    assert CONTACTS.token("message/1") == CONTACTS.token("message/1")
    assert len({CONTACTS.token("message/1"), CONTACTS.token("message/2"), OTHER.token("message/1")}) == 3
