"""The outbox of several server processes: in their database, sent by one of them at a time.

Which one is told by an advisory lock on the connection that also takes the messages to send: with the process it passes
on, and what that process was sending is then nobody's to send again (`sms.life`). A number is kept as its keyed hash,
to count by, and with the text it is sealed until the message is out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import TupleRow

from server import postgres
from server.vault import Vault
from sms.message import Message

TOPIC = "outbox"
"""Of the news: a message waits."""
_TABLE_LOCK = postgres.lock_number("outbox")
_SENDER_LOCK = postgres.lock_number("sender")


class SharedShelf:
    """The table `message`. Every method raises StorageUnavailable; the next call connects anew."""

    def __init__(self, url: str, vault: Vault) -> None:
        self._url = url
        self._vault = vault
        self._connection: psycopg.Connection[TupleRow] | None = None
        self._turns = 0
        self._has_turn_on: psycopg.Connection[TupleRow] | None = None

    def execute(self, statement: str, values: Sequence[object] = ()) -> psycopg.Cursor[TupleRow]:
        """Run a statement with `?` for each value."""
        with postgres.known_failures():
            return self._connected().execute(statement.replace("?", "%s").encode(), values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what is run within it one change, while no other process changes these rows."""
        with postgres.known_failures():
            connection = self._connected()
            with connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (_TABLE_LOCK,))
                yield

    def turn(self) -> int:
        """Return 0 while another process sends, else a number that is new each time it begins to be us."""
        with postgres.known_failures():
            connection = self._connected()
            if self._has_turn_on is not connection:
                row = connection.execute("SELECT pg_try_advisory_lock(%s)", (_SENDER_LOCK,)).fetchone()
                if row is None or not row[0]:
                    return 0
                self._has_turn_on = connection
                self._turns += 1
            else:
                connection.execute("SELECT 1")  # The lock lives as long as the connection.
        return self._turns

    def hidden(self, number: str) -> str:
        """Return the number's keyed hash."""
        return self._vault.keyed_hash("number", number)

    def kept(self, message: Message) -> tuple[str, str]:
        """Return the number's hash, and number and text sealed."""
        said = json.dumps([message.to, message.text], ensure_ascii=False)
        return self.hidden(message.to), self._vault.seal(said, _place(message.id)).hex()

    def opened(self, identity: str, number: str, text: str) -> tuple[str, str]:
        """Return number and text of what was sealed. Raises VaultError."""
        to, said = json.loads(self._vault.unseal(bytes.fromhex(text), _place(identity)))
        return to, said

    def close(self) -> None:
        """Let go of the connection, and so of the turn."""
        if self._connection is not None:
            self._connection.close()

    def _connected(self) -> psycopg.Connection[Any]:
        if self._connection is None or self._connection.closed:
            self._has_turn_on = None
            self._connection = postgres.connect(self._url)
        return self._connection


def _place(identity: str) -> str:
    return f"message/{identity}/text"
