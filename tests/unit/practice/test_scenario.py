"""Scenarios: what a fault matches, how often, and how it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from kayen_desktop.domain.errors import SettingsError
from kayen_desktop.practice.scenario import Action, Fault, Scenario, parse_fault


def actions(scenario: Scenario, name: str, times: int) -> list[bool]:
    return [bool(scenario.take("finex", "out", name)) for _ in range(times)]


def test_a_fault_acts_from_the_nth_match_count_times() -> None:
    fault = Fault(link="finex", direction="out", name="obi", action=Action.GAP, nth=2, count=2)
    assert actions(Scenario([fault]), "obi", 5) == [False, True, True, False, False]


def test_count_zero_is_for_ever() -> None:
    fault = Fault(link="finex", direction="out", name="o*", action=Action.DROP, nth=2, count=0)
    assert actions(Scenario([fault]), "ou", 4) == [False, True, True, True]


def test_other_links_directions_and_names_do_not_count() -> None:
    scenario = Scenario([parse_fault("finex:out:obi:gap")])
    assert scenario.take("clearport", "out", "obi") == []
    assert scenario.take("finex", "in", "obi") == []
    assert scenario.take("finex", "out", "obs") == []
    assert len(scenario.take("finex", "out", "obi")) == 1


def test_chance_is_seeded() -> None:
    fault = Fault(link="finex", direction="out", name="*", action=Action.DROP, count=0, chance=0.5)
    first = actions(Scenario([fault], seed=3), "x", 50)
    assert first == actions(Scenario([fault], seed=3), "x", 50)
    assert True in first
    assert False in first


@pytest.mark.parametrize(
    ("spec", "name", "nth", "count", "action"),
    [
        ("finex:out:obi@3:gap", "obi", 3, 1, Action.GAP),
        ("finex:out:sysx0:drop", "sys", 1, 0, Action.DROP),
        ("finex:out:btcusd.kline-1m@2x4:duplicate", "btcusd.kline-1m", 2, 4, Action.DUPLICATE),
        ("clearport:in:open_channel:fail_funding", "open_channel", 1, 1, Action.FAIL_FUNDING),
        ("finex:in:list_orders:close", "list_orders", 1, 1, Action.CLOSE),
    ],
)
def test_a_spec_is_read(spec: str, name: str, nth: int, count: int, action: Action) -> None:
    fault = parse_fault(spec)
    assert (fault.name, fault.nth, fault.count, fault.action) == (name, nth, count, action)


def test_a_spec_carries_the_value_its_action_needs() -> None:
    assert parse_fault("finex:in:create_order:delay=0.5").seconds == 0.5
    assert str(parse_fault("finex:in:create_order:partial=0.25").fraction) == "0.25"
    assert parse_fault('finex:out:on:inject=[3,"x",[]]').text == '[3,"x",[]]'
    assert parse_fault("clearport:in:positions:challenge").dispute_end == "cleared"
    assert parse_fault("clearport:out:positions:challenge=finished").dispute_end == "finished"
    assert parse_fault("finex:in:ping:margin_call").margin_call == "soft"
    assert parse_fault("finex:in:ping:margin_call=hard").margin_call == "hard"
    silent = parse_fault("clearport:in:request_settlement:silent_settlement=2.5")
    assert (silent.action, silent.seconds) == (Action.SILENT_SETTLEMENT, 2.5)


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "finex",
        "nowhere:out:obi:drop",
        "finex:up:obi:drop",
        "finex:out:obi:explode",
        "finex:out:obi:drop=1",
        "finex:out:obi:delay=soon",
        "finex:out:obi:delay=-1",
        "finex:out:obi@0:drop",
        "finex:out:obi:reject=no",
        "finex:in:create_order:gap",
        "finex:in:create_order:partial=2",
        "finex:out:on:inject",
        "clearport:in:positions:challenge=maybe",
        "clearport:in:positions:margin_call=firm",
        "clearport:in:request_settlement:silent_settlement=soon",
        "clearport:out:request_settlement:silent_settlement",
        "clearport:in:request_settlement:reject_settlement=no",
    ],
)
def test_a_spec_that_makes_no_sense_says_so(spec: str) -> None:
    with pytest.raises(SettingsError):
        parse_fault(spec)


def test_a_file_is_read_with_its_seed(tmp_path: Path) -> None:
    path = tmp_path / "scenario.json"
    path.write_text(
        '{"seed": 7, "faults": [{"link": "finex", "direction": "out", "name": "obi",'
        ' "action": "gap", "nth": 2}]}'
    )
    scenario = Scenario.load(path, [parse_fault("finex:out:obi:duplicate")])
    assert [f.action for f in scenario.take("finex", "out", "obi")] == [Action.DUPLICATE]
    assert [f.action for f in scenario.take("finex", "out", "obi")] == [Action.GAP]


@pytest.mark.parametrize("text", ["", "[]", '{"faults": [{"link": "finex"}]}', '{"fault": []}'])
def test_a_file_that_is_no_scenario_says_so(tmp_path: Path, text: str) -> None:
    path = tmp_path / "scenario.json"
    path.write_text(text)
    with pytest.raises(SettingsError, match="not valid"):
        Scenario.load(path)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="can't be read"):
        Scenario.load(tmp_path / "nothing.json")
