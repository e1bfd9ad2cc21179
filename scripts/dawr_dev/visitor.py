"""A customer's hand and eyes at the kiosk: taps what is shown, where it is shown, and waits for what comes."""

from __future__ import annotations

from scripts.dawr_dev.xscreen import ScreenMap, Shown, XScreen

_WITHIN_S = 10.0


class Visitor:
    """Stands before one kiosk. `rest_s`: how long nothing may be painted before a tap, so that nothing still moves.

    All verbs raise TimeoutError, which tells what the kiosk shows instead.
    """

    def __init__(self, glass: XScreen, screen_map: ScreenMap, *, rest_s: float = 0.25) -> None:
        self._glass = glass
        self._map = screen_map
        self._rest_s = rest_s

    def page(self, name: str, within_s: float = _WITHIN_S) -> Shown:
        """Wait for a screen."""
        return self._map.wait(lambda shown: shown.screen == name, within_s, f"the kiosk's screen {name!r}")

    def at_rest(self) -> Shown:
        """Wait until nothing moves, and return what is shown."""
        return self._map.still(self._rest_s)

    def tap(self, item: str) -> None:
        """Touch an item in its middle."""
        self._map.wait(lambda shown: item in shown.items, _WITHIN_S, f"{item!r} on the kiosk")
        shown = self.at_rest()
        if item not in shown.items:
            raise TimeoutError(f"{item!r} went away from the kiosk's screen {shown.screen!r}")
        self._glass.tap(*shown.middle(item))

    def tap_first(self, prefix: str) -> None:
        """Touch the first item whose name begins so."""
        self._map.wait(lambda shown: shown.first(prefix) is not None, _WITHIN_S, f"{prefix!r} on the kiosk")
        name = self.at_rest().first(prefix)
        self.tap(name or prefix)

    def tap_digits(self, digits: str) -> None:
        """Touch digits on the keypad, as fast as a hand."""
        keypad = self.at_rest()
        for digit in digits:
            self._glass.tap(*keypad.middle(f"key-{digit}"))

    def type_digits(self, digits: str) -> None:
        """Press digits and Enter on real keys."""
        self.at_rest()
        for digit in digits:
            self._glass.key(digit)
        self._glass.key("Return")

    def take_ticket(self, language: str) -> Shown:
        """Go from the start to a ticket of the first service without a CPR; return its screen."""
        self.ask_for_ticket(language)
        return self.page("ticket")

    def ask_for_ticket(self, language: str) -> None:
        """Go from the start to the last touch before such a ticket, and make it."""
        self.tap(f"begin-{language}")
        self.page("cpr")
        self.tap("without-cpr")
        self.page("services")
        self.tap_first("service-")
        self.page("details")
        self.tap("take")

    def sign_in_as_staff(self, size: tuple[int, int], staff: str, pin: str) -> Shown:
        """Make the staff's sign on a glass of so many pixels, type id and PIN on its keys; return the menu."""
        self.at_rest()
        self._glass.hold(5, 5, 1.3)
        self._glass.hold(size[0] - 5, size[1] - 5, 1.3)
        for page, text in (("staff-id", staff), ("staff-pin", pin)):
            self.page(page)
            for sign in text.upper():
                self.tap(f"staff-key-{sign}")
            self.tap("staff-submit")
        return self.page("staff-menu")

    def leave(self) -> None:
        """Go from the ticket back to the start."""
        self.tap("done")
        self.page("thanks")
        self.tap("thanks")
        self.page("start")
