"""Addresses as people write them: read, or refused with what would be right; and said again without the password."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.database.database import open_database
from core.database.database_faults import DatabaseRefused
from core.database.database_urls import file_of, in_words, read_address


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("", "can't be read"),
        ("npq.db", "can't be read"),
        ("C:\\npq\\npq.db", "can't be read"),
        ("host=db dbname=npq", "can't be read"),
        ("postgres:/npq", "can't be read"),
        ("mysql://localhost/npq", "sqlite:/// or postgresql://"),
        ("postgresql+psycopg://localhost/npq", "sqlite:/// or postgresql://"),
        ("sqlite:npq.db", "too few slashes"),
        ("sqlite:/npq.db", "too few slashes"),
        ("sqlite://npq.db", "too few slashes"),
        ("sqlite://srv/npq.db", "too few slashes"),
        ("sqlite://", "names no file"),
        ("sqlite:///", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:///npq.db?mode=ro", "more than the path"),
        ("sqlite:///file:npq.db?uri=true", "more than the path"),
        ("sqlite:///C:\\npq\\npq.db", "as Windows writes it"),
        ("sqlite:///C:/npq/npq.db", "as Windows writes it"),
        ("sqlite:///data\\npq.db", "as Windows writes it"),
        ("sqlite:////srv/npq.db\r\nPORT=80", "line break"),
        ("sqlite:////srv/npq\u200b.db", "line break"),
        ("postgres://npq:se@cret@db/npq", "@ is written %40"),
        ("postgres://npq:s/e@c#r:e?t@db/npq", "@ is written %40"),
        ("postgres://npq@server:secret@db/npq", "@ is written %40"),
        ("postgres://npq:secret@db:port/npq", "can't be read"),
        ("postgres://npq:314159265/npq", "can't be read"),
        ("postgres://npq:secret/npq", "can't be read"),
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(address: str, says: str) -> None:
    with pytest.raises(DatabaseRefused) as refused:
        open_database(address)
    assert says in str(refused.value)
    assert "cret" not in str(refused.value)
    assert "314159265" not in str(refused.value)
    assert str(refused.value).startswith("DATABASE_URL")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("sqlite:////srv/npq/npq.db", "the SQLite file /srv/npq/npq.db"),
        (" sqlite:////srv/npq/../n p q#1.db\n", "the SQLite file /srv/n p q#1.db"),
        ("sqlite:///npq.db", f"the SQLite file {Path.cwd()}/npq.db"),
        ("postgres://npq:secret@db/npq", "the PostgreSQL database “npq” on db"),
        ("postgresql://npq:secret@db:5433/npq?sslmode=require", "the PostgreSQL database “npq” on db, port 5433"),
        ("postgresql://npq:secret@[::1]/npq", "the PostgreSQL database “npq” on ::1"),
        ("postgresql:///npq", "the PostgreSQL database “npq” on this machine"),
        ("postgresql:///npq?host=/run/postgresql", "the PostgreSQL database “npq” on /run/postgresql"),
        ("postgresql://%2Frun%2Fpostgresql/n%70q", "the PostgreSQL database “npq” on /run/postgresql"),
        ("postgresql://npq:secret@/npq?host=db1&host=db2", "the PostgreSQL database “npq” on db1, db2"),
        ("postgresql://npq:secret@db", "the PostgreSQL database “npq” on db"),
    ],
)
def test_what_is_one_is_said_without_the_password(address: str, words: str) -> None:
    assert in_words(read_address(address)) == words


@given(some.text(some.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), min_size=1))
def test_a_password_of_any_letters_encoded_is_the_one_that_is_used(password: str) -> None:
    from urllib.parse import quote

    assert read_address(f"postgresql://npq:{quote(password, safe='')}@db/npq").password == password


@given(some.text())
def test_anything_else_is_read_or_refused(text: str) -> None:
    for address in (text, f"sqlite:///{text}", f"postgresql://{text}", f"postgresql://npq:{text}@db/npq"):
        try:
            url = read_address(address)
        except DatabaseRefused:
            continue
        assert in_words(url)
        assert url.drivername != "sqlite" or file_of(url).is_absolute()
