"""Makes the typed modules of the Python package from tests/hosted/operations.json; `--check` fails where they are stale."""

from __future__ import annotations

import hashlib
import json
import keyword
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "ext/python/python/tasker_core"
SOURCE = (ROOT / "tests/hosted/operations.json").read_bytes()
DOCUMENT: dict[str, Any] = json.loads(SOURCE)
HEADER = f"""Made from tests/hosted/operations.json by ext/python/tools/generate.py; do not edit.

sha256 of its source: {hashlib.sha256(SOURCE).hexdigest()}
"""

Schema = dict[str, Any]
Field = tuple[str, Schema, bool]


def prose(text: str) -> str:
    """The documentation of Rust in the words of Python."""
    text = re.sub(r"\[`State::Other`\]", "`State`", " ".join(text.split("\n\n")[0].split()))
    text = re.sub(r"\[`?([^`\]]*)`?\](\([^)]*\))?", r"`\1`", text)
    return re.sub(r"\bnull\b", "None", re.sub(r"\bNull\b", "None", text)).replace("\\", "\\\\")


def name_of(schema: Schema) -> str:
    return str(schema["$ref"]).rsplit("/", 1)[1]


def annotation(schema: Schema, taken: bool = False) -> str:
    """The type of a value; that of an argument where `taken`."""
    if "$ref" in schema and "properties" not in schema:
        return name_of(schema)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return union([annotation(part, taken) for part in schema[key]])
    if "const" in schema:
        return f"Literal[{schema['const']!r}]"
    if "enum" in schema:
        return f"Literal[{', '.join(repr(word) for word in schema['enum'])}]"
    kind = schema["type"]
    if isinstance(kind, list):
        return union([annotation({**schema, "type": part}, taken) for part in kind])
    if kind == "array":
        return f"{'Sequence' if taken else 'list'}[{annotation(schema['items'], taken)}]"
    if kind == "object":
        return "Mapping[str, object]"
    return {"integer": "int", "number": "float", "string": "str", "boolean": "bool", "null": "None"}[kind]


def union(parts: list[str]) -> str:
    words = [part for part in parts if part.startswith("Literal[")]
    if len(words) > 1:
        literal = f"Literal[{', '.join(word[8:-1] for word in words)}]"
        parts = [literal, *(part for part in parts if part not in words)]
    return " | ".join(dict.fromkeys(parts))


def fields_of(schema: Schema) -> list[Field]:
    required = schema.get("required", [])
    return [(name, field, name in required) for name, field in schema.get("properties", {}).items()]


def variants(schema: Schema, definitions: Schema) -> list[list[Field]]:
    """The fields of an object, once for each of its variants."""
    if "$ref" in schema:
        inner = variants(definitions[name_of(schema)], definitions)
        return [fields_of(schema) + fields for fields in inner]
    if "oneOf" in schema:
        return [fields for part in schema["oneOf"] for fields in variants(part, definitions)]
    return [fields_of(schema)]


def typed_dict(name: str, fields: list[Field], doc: str, taken: bool) -> list[str]:
    optional = [field for field in fields if not field[2]]
    if optional and len(optional) < len(fields):
        raise NotImplementedError(f"{name} has required and optional fields")
    if any(keyword.iskeyword(field) for field, _, _ in fields):
        members = ", ".join(f"{field!r}: {annotation(schema, taken)!r}" for field, schema, _ in fields)
        return ["", "", f'{name} = TypedDict("{name}", {{{members}}})', f'"""{doc}"""']
    lines = ["", "", f"class {name}(TypedDict{', total=False' if optional else ''}):", f'    """{doc}"""']
    for field, schema, _ in fields:
        about = prose(schema.get("description", ""))
        lines += ["", f"    {field}: {annotation(schema, taken)}", *([f'    """{about}"""'] if about else [])]
    return lines


def definition(name: str, definitions: Schema, taken: bool) -> list[str]:
    schema = definitions[name]
    doc = prose(schema.get("description", name))
    tagged = "oneOf" in schema and any("properties" in part for part in schema["oneOf"])
    if not tagged and "properties" in schema:
        return typed_dict(name, fields_of(schema), doc, taken)
    if not tagged:
        return ["", f"{name}: TypeAlias = {annotation(schema, taken)!r}", f'"""{doc}"""']
    lines: list[str] = []
    names: list[str] = []
    for fields in variants(schema, definitions):
        words = "_".join(field["const"] for _, field, _ in fields if "const" in field)
        names.append(name + "".join(word.title() for word in words.split("_")))
        lines += typed_dict(names[-1], fields, doc, taken)
    return [*lines, "", "", f"{name}: TypeAlias = {' | '.join(names)!r}", f'"""{doc}"""']


def types() -> str:
    lines = [
        f'"""The types of arguments and answers. {HEADER}"""',
        "",
        "from __future__ import annotations",
        "",
        "from collections.abc import Mapping, Sequence",
        "from typing import Literal, TypeAlias, TypedDict",
    ]
    given, taken = DOCUMENT["given"], DOCUMENT["taken"]
    for name in sorted({*given, *taken}):
        lines += definition(name, given, False) if name in given else definition(name, taken, True)
    return "\n".join(lines) + "\n"


def method(operation: dict[str, Any], awaited: bool) -> list[str]:
    schema, name = operation["schema"], operation["name"]
    properties, required = schema.get("properties", {}), schema.get("required", [])
    answer = annotation(operation["answer"])
    # A parameter without a default may follow one that has one: all are given by name.
    parameters = []
    for argument in operation["arguments"]:
        default = "" if argument["name"] in required else " = None"
        parameters.append(f"{argument['name']}: {annotation(properties[argument['name']], True)}{default}")
    head = f"    {'async ' if awaited else ''}def {name}(self{''.join(', ' + p for p in ['*', *parameters] if parameters)}) -> {answer}:"
    doc = [f'        """{prose(operation["doc"])}']
    if operation["arguments"]:
        doc.append("")
        doc += [f"        :param {argument['name']}: {prose(argument['doc'])}" for argument in operation["arguments"]]
        doc.append('        """')
    else:
        doc[-1] += '"""'
    given = ", ".join(f'"{argument["name"]}": {argument["name"]}' for argument in operation["arguments"])
    call = f'{"await " if awaited else ""}self._call("{name}", {{{given}}})'
    return ["", head, *doc, f"        answer: {answer} = {call}", "        return answer"]


def operations() -> str:
    bodies = {awaited: [line for op in DOCUMENT["operations"] for line in method(op, awaited)] for awaited in (False, True)}
    words = set(re.findall(r"\w+", "\n".join(bodies[False])))
    names = sorted(words & ({*DOCUMENT["given"], *DOCUMENT["taken"]}))
    lines = [
        f'"""The operations as methods. {HEADER}"""',
        "",
        "from __future__ import annotations",
        "",
        "from ._base import AsyncBase, Base",
        "",
        "TYPE_CHECKING = False",
        "if TYPE_CHECKING:",
        "    from collections.abc import Sequence",
        "",
        "    from .types import (",
        *[f"        {name}," for name in names],
        "    )",
        "",
        "",
        "class Tasker(Base):",
        '    """The operations on a connection that blocks; made by ``tasker_core.on``."""',
        "",
        "    __slots__ = ()",
        *bodies[False],
        "",
        "",
        "class AsyncTasker(AsyncBase):",
        '    """The operations on a connection that is awaited; made by ``tasker_core.on``."""',
        "",
        "    __slots__ = ()",
        *bodies[True],
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    stale = []
    for name, text in (("types.py", types()), ("_operations.py", operations())):
        path = PACKAGE / name
        if "--check" not in sys.argv:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            stale.append(name)
    if stale:
        sys.exit(f"stale: {', '.join(stale)}; run `rake hosted:types`")


if __name__ == "__main__":
    main()
