"""docs/scenarios lists every incident scenario with its ruleset."""

from docs import scenario_list


def test_the_page_is_what_the_rulesets_say() -> None:
    assert scenario_list.PAGE.read_text(encoding="utf-8") == scenario_list.page(), "run: python -m docs.generate"
