"""What the code never does: SQL made of what strangers wrote, pickles that are shared, YAML that makes objects, shells."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "aggregator"
MODULES = sorted(PACKAGE.rglob("*.py"))
#: Only there is SQLite spoken to (tests/test_architecture.py).
STORE = sorted((PACKAGE / "adapters" / "store").glob("*.py"))

_SQL = re.compile(
    r"\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|PRAGMA|BEGIN|ATTACH|VACUUM|CREATE|DROP|ALTER|REPLACE INTO|FROM|WHERE)\b"
)
#: A constant of a module, or a part of one.
_CONSTANT = re.compile(r"-?_?[A-Z][A-Z_]*(?:\[[\w.]+\])*")
#: What else may stand in a statement, by module: names of tables and columns that this module itself writes down.
ALLOWED = {
    "article_reads.py": {"'\\n'.join(conditions)"},  # constants
    "clock_moves.py": {"assignments", "column", "table", "written"},
    "connection.py": {"kind"},  # of a transaction
    "feed_states.py": {"assignments"},  # of the columns of `columns_of`
    "key_tables.py": {"order", "self.name"},  # constants, "band" or "key_term"
    "listed_stories.py": {"columns"},
    "opening.py": {"version"},  # a number of ours
    "pruning.py": {"column", "table"},
    "reads.py": {"'\\n'.join(conditions)"},  # constants
    "slate.py": {"columns", "of_article"},  # constants
    "soundness.py": {"column", "copies", "key", "other", "table", "table.name"},
    "streams.py": {"' AND '.join(conditions)", "f'feeds{number}'"},  # constants, and the name of a parameter
    "subscriptions.py": {
        "', '.join((f':{name}' for name in _COLUMNS))",
        "', '.join((f'{name} = excluded.{name}' for name in _COLUMNS if name != 'token'))",
        "', '.join(_COLUMNS)",
    },
}


def _name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def _put_in(tree: ast.AST) -> Iterator[str]:
    """Yield the source of every expression that is put into a statement: by f-strings, `format`, `%` and `+`."""
    constants = frozenset(_statements(tree))
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr(values=parts):
                if _is_sql("".join(str(part.value) for part in parts if isinstance(part, ast.Constant))):
                    yield from (ast.unparse(part.value) for part in parts if isinstance(part, ast.FormattedValue))
            case ast.Call(func=ast.Attribute(value=text, attr="format"), args=args, keywords=keywords):
                if _speaks_sql(text, constants):
                    given = (*args, *(keyword.value for keyword in keywords))
                    yield from (ast.unparse(one) for one in given if not isinstance(one, ast.Constant))
            case ast.BinOp(left=left, op=ast.Mod() | ast.Add(), right=right):
                if _speaks_sql(left, constants) or _speaks_sql(right, constants):
                    sides = (side for side in (left, right) if not isinstance(side, ast.Constant))
                    yield from (ast.unparse(side) for side in sides)


def _is_sql(text: str) -> bool:
    return _SQL.search(text) is not None


def _statements(tree: ast.AST) -> Iterator[str]:
    """Yield the names that a module gives to statements."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_sql(ast.unparse(value)):
                yield name


def _speaks_sql(node: ast.expr, statements: frozenset[str]) -> bool:
    """Tell whether an expression is a text in SQL, or the name of one."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and _is_sql(node.value)
    return isinstance(node, ast.Name) and node.id in statements


@pytest.mark.parametrize("path", STORE, ids=_name)
def test_statements_are_made_of_our_own_words(path: Path) -> None:
    """Whatever is put into a statement is a constant, or a name of ours that is listed here; values are parameters."""
    put_in = {source for source in _put_in(ast.parse(path.read_text())) if not _CONSTANT.fullmatch(source)}

    assert put_in == ALLOWED.get(path.name, set())


def test_a_statement_made_of_a_value_is_found() -> None:
    """The rule sees each way to put a value into a statement."""
    known = "_FEEDS = 'SELECT 1 FROM feed'\n"
    for made in (
        'f"SELECT 1 FROM feed WHERE url = {url}"',
        "\"DELETE FROM feed WHERE url = '{}'\".format(url)",
        '"SELECT * FROM feed WHERE url = " + url',
        '"SELECT * FROM feed WHERE url = %s" % url',
        "_FEEDS.format(url=url)",
        "_FEEDS + url",
    ):
        assert "url" in set(_put_in(ast.parse(known + made))), made


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_nothing_is_run_that_came_from_outside(path: Path) -> None:
    """No eval, exec, shell or os.system; pickles go between our own processes only; YAML is read without making objects."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=ast.Name(id="eval" | "exec" | "compile" | "__import__")):
                pytest.fail(f"line {node.lineno} runs code")
            case ast.Attribute(value=ast.Name(id="os"), attr="system" | "popen"):
                pytest.fail(f"line {node.lineno} runs a shell")
            case ast.keyword(arg="shell", value=ast.Constant(value=shell)):
                assert not shell, f"line {node.value.lineno} runs a shell"
            case ast.Import(names=names) if {alias.name for alias in names} & {"pickle", "marshal", "shelve", "dill"}:
                assert _name(path) == "adapters/workers.py"
            case ast.ImportFrom(module="pickle" | "marshal" | "shelve" | "dill"):
                pytest.fail(f"line {node.lineno} takes pickle apart")
            case ast.Call(func=ast.Name(id="YAML"), keywords=keywords):
                kinds = [ast.literal_eval(keyword.value) for keyword in keywords if keyword.arg == "typ"]
                assert kinds in (["safe"], ["rt"]), f"line {node.lineno} reads YAML that may make objects"
            case _:
                pass
