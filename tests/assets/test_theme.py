"""Every pair of colours that is drawn reaches its contrast, in every theme."""

import pytest

from assets.theme import Pair, Theme, contrast

THEME = Theme.load()


@pytest.mark.parametrize("name", THEME.colours)
@pytest.mark.parametrize("pair", THEME.pairs, ids=lambda pair: f"{pair.front}-on-{pair.back}")
def test_pair_is_over_its_contrast(name: str, pair: Pair) -> None:
    colours = THEME.colours[name]
    assert contrast(colours[pair.front], colours[pair.back]) >= pair.least(name)


def test_contrast_of_known_colours() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)  # WCAG's well-known near miss


def test_themes_have_the_same_roles() -> None:
    assert len({frozenset(colours) for colours in THEME.colours.values()}) == 1


def test_every_role_that_a_pair_names_exists() -> None:
    roles = set(THEME.colours["light"])
    assert {role for pair in THEME.pairs for role in (pair.front, pair.back)} <= roles


def test_css_carries_every_role_of_every_theme() -> None:
    css = THEME.css()
    for name, colours in THEME.colours.items():
        assert f'data-theme="{name}"' in css
        for role, value in colours.items():
            assert f"--{role.replace('_', '-')}:{value};" in css
