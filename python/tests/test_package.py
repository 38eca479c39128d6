"""The package itself: its types, what it imports, its version, its examples."""

import ast
import inspect
import os
import subprocess
import sys
from pathlib import Path

import perennial_rl
from perennial_rl import _native

PACKAGE = Path(perennial_rl.__file__).parent
EXAMPLES = Path(__file__).parent.parent / "examples"


def members(node) -> dict[str, ast.AST]:
    names = {}
    for item in node.body:
        if isinstance(item, (ast.FunctionDef, ast.ClassDef)):
            names[item.name] = item
        elif isinstance(item, ast.AnnAssign):
            names[item.target.id] = item
    return names


def parameters(function: ast.FunctionDef) -> list[str]:
    given = function.args
    return [argument.arg for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs) if argument.arg not in ("self", "cls")]


def test_the_stubs_are_those_of_the_compiled_module():
    stub = members(ast.parse((PACKAGE / "_native.pyi").read_text()))
    there = {name for name in vars(_native) if not name.startswith("__")}
    assert set(stub) == there
    for name, node in stub.items():
        real = getattr(_native, name)
        if isinstance(node, ast.FunctionDef):
            assert parameters(node) == list(inspect.signature(real).parameters), name
        if not isinstance(node, ast.ClassDef) or issubclass(real, Exception):
            continue
        inner = members(node)
        own = {member for member in vars(real) if not member.startswith("__") or member in ("__len__",)}
        assert set(inner) - {"__new__"} == own, name
        if "__new__" in inner:
            assert parameters(inner["__new__"]) == list(inspect.signature(real).parameters), name
        for member, function in inner.items():
            attribute = vars(real).get(member)
            if isinstance(function, ast.FunctionDef) and callable(attribute) and not member.startswith("__"):
                known = [parameter for parameter in inspect.signature(getattr(real, member)).parameters if parameter != "self"]
                assert parameters(function) == known, f"{name}.{member}"


def test_everything_says_what_it_is():
    for name in perennial_rl.__all__:
        assert getattr(perennial_rl, name).__doc__, name
    for name, kind in vars(_native).items():
        if inspect.isclass(kind):
            for member, value in vars(kind).items():
                if not member.startswith("__"):
                    assert value.__doc__, f"{name}.{member}"
    assert (PACKAGE / "py.typed").is_file()


def test_the_import_needs_numpy_and_gymnasium_only():
    code = """
import sys
import gymnasium, gymnasium.vector
before = set(sys.modules)
import perennial_rl
names = {name.split('.')[0] for name in set(sys.modules) - before}
print(sorted(name for name in names if name not in sys.stdlib_module_names))
"""
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    foreign = set(ast.literal_eval(printed)) - {"perennial_rl", "numpy", "gymnasium"}
    assert not foreign


def test_the_example_runs(tmp_path):
    environment = {**os.environ, "PERENNIAL_QUICKSTART_EPISODES": "2"}
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "quickstart.py")], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "random" in done.stdout and "summer" in done.stdout
    assert (tmp_path / "quickstart.png").read_bytes().startswith(b"\x89PNG")
