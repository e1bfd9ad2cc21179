"""Who may do what: roles, the rights that each has, and at which bodies they hold. Pure; it knows no table, no HTTP.

A grant is a role at a body and holds for everything below it: ministry, its departments, their centres. `EVERYWHERE`
stands above all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

EVERYWHERE = ""
"""The body above all others: the whole server."""


class Role(StrEnum):
    """What somebody is at a body and at all below it."""

    ADMINISTRATOR = "administrator"
    MANAGER = "manager"
    DESK = "desk"
    AUDITOR = "auditor"
    VIEWER = "viewer"


class Right(StrEnum):
    """What may be done; each verb of the administration asks for one, at one body."""

    SEE = "see"
    """Settings, days, slots, how many booked, staff without their PINs, devices; nothing of a customer."""
    CHANGE_CENTRE = "change_centre"
    """Services, counters, hours, rules, notices, contact, questions; days and slots opened and closed; holidays."""
    STAFF = "staff"
    """Who works at the counters, and their PINs."""
    DEVICES = "devices"
    """Codes for devices, and their revocation."""
    HELP = "help"
    """Find a customer's bookings by the CPR, cancel and move them, book for one, lift a block; answer complaints."""
    AUDIT = "audit"
    """Read who did what."""
    ACCOUNTS = "accounts"
    """Accounts and grants at the body and below."""
    BODIES = "bodies"
    """Ministries, departments and centres below the body: new ones, new names."""


_RIGHTS: Mapping[Role, frozenset[Right]] = MappingProxyType(
    {
        Role.ADMINISTRATOR: frozenset(Right),
        Role.MANAGER: frozenset({Right.SEE, Right.CHANGE_CENTRE, Right.STAFF, Right.DEVICES, Right.HELP, Right.AUDIT}),
        Role.DESK: frozenset({Right.SEE, Right.HELP}),
        Role.AUDITOR: frozenset({Right.SEE, Right.AUDIT}),
        Role.VIEWER: frozenset({Right.SEE}),
    }
)


def rights_of(role: Role) -> frozenset[Right]:
    """Return what a role may do."""
    return _RIGHTS[role]


@dataclass(frozen=True, slots=True)
class Held:
    """Rights that somebody holds at a body and everywhere below it."""

    body: str
    rights: frozenset[Right]


@dataclass(frozen=True, slots=True)
class Tree:
    """Which body is directly above each; one with nothing above it is under `EVERYWHERE`."""

    above: Mapping[str, str] = field(default_factory=dict)

    def path(self, body: str) -> tuple[str, ...]:
        """Return a body and all above it, itself first, `EVERYWHERE` last; of an unknown one just these two."""
        found = [body] if body != EVERYWHERE else []
        while found and (higher := self.above.get(found[-1], EVERYWHERE)) != EVERYWHERE and higher not in found:
            found.append(higher)
        return (*found, EVERYWHERE)

    def is_below(self, body: str, top: str) -> bool:
        """Say whether a body is `top` or stands below it."""
        return top in self.path(body)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: an account with its session, or another system with its key; and what it may where.

    `id` is what the audit log keeps (`account:...`, `key:...`, `door`), `address` whence it came; `tree` is what stands
    below what as it asks. `must_change`: somebody else has seen the password; until it is another nothing may be done.
    """

    id: str
    name: str
    held: tuple[Held, ...]
    address: str = ""
    must_change: bool = False
    tree: Tree = field(default_factory=Tree)
    session: str = field(default="", repr=False)
    """The hash of the session's token; "" without one."""

    def may(self, right: Right, body: str) -> bool:
        """Say whether a right is held at a body, by a grant there or above it."""
        path = self.tree.path(body)
        return any(right in each.rights and each.body in path for each in self.held)

    def may_anywhere(self, right: Right) -> bool:
        """Say whether a right is held at any body at all."""
        return any(right in each.rights for each in self.held)

    def realm(self, right: Right, bodies: Iterable[str]) -> tuple[str, ...]:
        """Return those of some bodies at which a right is held."""
        return tuple(body for body in bodies if self.may(right, body))
