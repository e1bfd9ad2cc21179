"""What booking keeps sealed, and opens again: a customer's own, and one-time codes. It decides nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

from server.booking.answers import Customer
from server.booking.tables import CodeRow
from server.tables import CustomerRow
from server.vault import Vault


def customer_place(customer_id: str, column: str) -> str:
    """Return the place that a customer's column is sealed for."""
    return f"customer/{customer_id}/{column}"


def code_place(code_id: str, column: str) -> str:
    """Return the place that a one-time code's column is sealed for."""
    return f"one_time_code/{code_id}/{column}"


def opened_customer(row: CustomerRow, vault: Vault, lang: str = "") -> Customer:
    """Return who a row is. Raises VaultError."""
    return opened(row.id, row.name, row.born, lang or row.lang, vault)


def opened(customer_id: str, name: bytes, born: bytes, lang: str, vault: Vault) -> Customer:
    """Return who it is whose name and date of birth are sealed so. Raises VaultError."""
    names: Mapping[str, str] = json.loads(vault.unseal(name, customer_place(customer_id, "name")))
    day = date.fromisoformat(vault.unseal(born, customer_place(customer_id, "born")))
    return Customer(customer_id, lang, names, day)


def phone_of(row: CustomerRow, vault: Vault) -> str:
    """Return a customer's phone, "" where none is on record. Raises VaultError."""
    return vault.unseal(row.phone, customer_place(row.id, "phone")) if row.phone is not None else ""


def seal_customer(row: CustomerRow, vault: Vault, **plain: str) -> bool:
    """Put columns of a customer under seal; tell whether any was not there already. Raises VaultError."""
    is_new = False
    for column, text in plain.items():
        place = customer_place(row.id, column)
        sealed = getattr(row, column)
        # Sealing is never twice the same: comparing what is sealed would change every row.
        if not sealed or vault.unseal(sealed, place) != text:
            setattr(row, column, vault.seal(text, place))
            is_new = True
    return is_new


def seal_code(row: CodeRow, vault: Vault, code: str, phone: str) -> None:
    """Put a one-time code and its phone under seal."""
    row.code = vault.seal(code, code_place(row.id, "code"))
    row.phone = vault.seal(phone, code_place(row.id, "phone"))


def opened_code(row: CodeRow, vault: Vault) -> tuple[str, str]:
    """Return a one-time code and the phone that it goes to. Raises VaultError."""
    return (
        vault.unseal(row.code, code_place(row.id, "code")),
        vault.unseal(row.phone, code_place(row.id, "phone")),
    )
