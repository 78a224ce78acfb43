"""The rules of the house that no linter knows, read from the source; import-linter is run, too."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "kayen_desktop"
SOURCES = {
    path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text("utf-8"))
    for path in sorted(PACKAGE.rglob("*.py"))
}
MONEY_ROOMS = ("domain/", "protocol/", "journal/", "app/", "venues/")


def found(kind: type[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    """Yield every node of the kind with the file it stands in."""
    for name, tree in SOURCES.items():
        for node in ast.walk(tree):
            if isinstance(node, kind):
                yield name, node


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """Yield every call as its file, the text of what is called, and the node."""
    for name, node in found(ast.Call):
        if isinstance(node, ast.Call):
            yield name, ast.unparse(node.func), node


def test_the_import_contracts_hold() -> None:
    """In a process of its own: import-linter switches off every logger that it finds."""
    told = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout


def test_everything_is_caught_in_three_places_only() -> None:
    broad = {
        name
        for name, node in found(ast.ExceptHandler)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or re.search(r"\b(Base)?Exception\b", ast.unparse(node.type)))
    }
    assert broad <= {"venues/link.py", "ui/async_bridge.py", "application.py"}


def test_no_late_import_goes_round_the_contracts() -> None:
    doors = {
        "websockets": "venues/transport.py",
        "keyring": "keys/vault.py",
        "sqlite3": "journal/store.py",
        "PySide6": "application.py",
        "qasync": "application.py",
        "kayen_desktop": "application.py",
    }
    loaders = {
        name
        for name, called, _ in calls()
        if re.search(r"import_module|import_late|__import__", called)
    }
    for name, node in found(ast.Constant):
        if name not in loaders or not isinstance(node, ast.Constant):
            continue
        if not isinstance(node.value, str) or not re.fullmatch(r"\w+(\.\w+)*", node.value):
            continue
        package = node.value.partition(".")[0]
        assert doors.get(package, name) == name, f"{name} loads {node.value}"


def test_no_task_is_left_without_an_owner() -> None:
    ownerless = [
        f"{name}:{node.lineno}"
        for name, node in found(ast.Expr)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and re.fullmatch(
            r"asyncio\.(create_task|ensure_future)|.*loop\(?\)?\.create_task",
            ast.unparse(node.value.func),
        )
    ]
    assert ownerless == []


def test_nothing_blocks_the_loop_by_sleeping() -> None:
    assert [name for name, called, _ in calls() if called in {"time.sleep", "sleep"}] == []


def test_no_money_passes_through_a_float() -> None:
    allowed = {"latency_ms"}
    converting = [
        f"{name}:{node.lineno}"
        for name, called, node in calls()
        if called == "float" and name.startswith(MONEY_ROOMS)
    ]
    assert converting == []
    for name, node in found(ast.AnnAssign):
        if isinstance(node, ast.AnnAssign) and name.startswith("domain/"):
            is_float = "float" in ast.unparse(node.annotation)
            assert not is_float or ast.unparse(node.target) in allowed, f"{name}:{node.lineno}"


def test_the_decimal_context_is_set_in_one_place() -> None:
    setting = {name for name, called, _ in calls() if re.search(r"(get|set|local)context$", called)}
    assert setting <= {"domain/amounts.py"}


def test_rooms_and_classes_are_named_for_what_they_are() -> None:
    vague_rooms = {"utils", "util", "common", "helpers", "helper", "managers", "core", "misc"}
    for name in SOURCES:
        assert not vague_rooms & set(Path(name).with_suffix("").parts), name
    vague = re.compile(r"(Manager|Helper|Handler|Utils?|Processor|Data|Info)$")
    named = {
        f"{name}:{node.name}"
        for name, node in found(ast.ClassDef)
        if isinstance(node, ast.ClassDef)
        # Clearport's frames have a member called data: that name is the venue's.
        and not (name == "protocol/clearport/messages.py" and node.name.endswith("Data"))
    }
    assert {each for each in named if vague.search(each)} == set()


def test_no_checker_is_told_to_look_away() -> None:
    silenced = re.compile(r"#\s*(type:\s*ignore|mypy:|pyright:|noqa(?!: [A-Z]+\d+))")
    for folder in (PACKAGE, ROOT / "tests"):
        for path in folder.rglob("*.py"):
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                assert not silenced.search(line), f"{path.relative_to(ROOT)}:{number}"


def test_packaging_does_not_hide_the_library_of_that_name() -> None:
    assert not (ROOT / "packaging" / "__init__.py").exists()
