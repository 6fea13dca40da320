"""Files of one role near 400 lines (500 at most), functions near 70, lines of 130 characters."""

import ast
import re
import warnings

import tree

FILE_LINES, FILE_LINES_WARN, FUNCTION_LINES, COLUMNS = 500, 400, 70, 130
COMMENTED = (".cc", ".h", ".py", ".sh", ".cmake")
# (file, function): why it is longer
LONG_FUNCTIONS = {("bench/peers/limits/hand_over.h", "piped"): "one measurement, both of its threads side by side"}
NOT_BODIES = re.compile(
    r"\b(?:namespace|class|struct|union|enum)\b(?![^()]*\)\s*(?:const|noexcept|override|->|$))|\bextern\s*\"\"\s*$|=\s*$"
)
NAME = re.compile(r"([~\w:]+|operator\s*\S+?)\s*\(")


def without_template(head):
    """`template <class T> void f(` as `void f(`: its parameters are no class."""
    head = head.strip()
    while head.startswith("template"):
        depth = 0
        for at, char in enumerate(head):
            depth += (char == "<") - (char == ">" and head[at - 1] != "-")
            if char == ">" and depth == 0:
                break
        head = head[at + 1 :].strip()
    return head


def functions(name):
    """(function, first line, lines) of a C++ file, by matching braces: those in no other function."""
    code, found, opened, head_start = tree.code(name), [], [], 0
    code = re.sub(
        r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*",
        lambda directive: "\n" * directive.group().count("\n"),
        code,
        flags=re.MULTILINE,
    )
    for at, char in enumerate(code):
        if char == "{":
            head = code[head_start:at]
            inside = any(is_function for is_function, _ in opened)
            declared = without_template(head)
            is_function = not inside and "(" in declared and not NOT_BODIES.search(declared)
            start = head_start + len(head) - len(head.lstrip())
            opened.append((is_function, (start, head)))
        elif char == "}" and opened:
            is_function, (start, head) = opened.pop()
            if is_function:
                called = NAME.search(head)
                found.append(
                    (
                        called.group(1) if called else "?",
                        code.count("\n", 0, start) + 1,
                        code.count("\n", start, at) + 1,
                    )
                )
        if char in "{};":
            head_start = at + 1
    return found


def test_functions_are_found():
    found = {name: length for name, _, length in functions("core/base/nearest.cc")}
    assert found["edit_distance"] > 15 and found["nearest"] > 10
    templates = {name for name, _, _ in functions("include/sparse/output.h")}
    assert {"emit", "put", "set", "set_view"} <= templates


def test_files_are_short():
    problems = []
    for name in tree.with_suffix(".cc", ".h", ".py", ".java", ".cpp", ".sh"):
        count = len(tree.lines(name))
        if count > FILE_LINES:
            problems.append(f"{name}: {count} lines; split it by role (at most {FILE_LINES})")
        elif count > FILE_LINES_WARN:
            warnings.warn(f"{name}: {count} lines, near the limit of {FILE_LINES}")
    tree.report(problems)


def test_cpp_functions_are_short():
    problems = []
    for name in tree.with_suffix(*tree.CPP):
        problems += [
            f"{name}:{line}: {function} has {count} lines (at most {FUNCTION_LINES})"
            for function, line, count in functions(name)
            if count > FUNCTION_LINES and (name, function) not in LONG_FUNCTIONS
        ]
    tree.report(problems)


def test_python_functions_are_short():
    problems = []
    for name in tree.with_suffix(".py"):
        for node in ast.walk(ast.parse(tree.text(name))):
            if (
                isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
                and node.end_lineno - node.lineno >= FUNCTION_LINES
            ):
                problems.append(f"{name}:{node.lineno}: {node.name} has {node.end_lineno - node.lineno + 1} lines")
    tree.report(problems)


def test_lines_are_short():
    problems = []
    for name in tree.with_suffix(
        ".cc", ".h", ".py", ".txt", ".cmake", under=(*tree.PRODUCT, "tests/", "bench/", "topologies/")
    ):
        if "/data/" in name or "/corpus/" in name or name.endswith(".txt") and not name.endswith("CMakeLists.txt"):
            continue
        problems += [
            f"{name}:{number}: {len(line)} characters"
            for number, line in enumerate(tree.lines(name), 1)
            if len(line) > COLUMNS
        ]
    tree.report(problems)


def test_files_begin_with_what_they_are():
    problems = []
    for name in tree.with_suffix(".h", ".cc"):
        first = next(iter(tree.lines(name)), "")
        if not first.startswith("//") and not (name.endswith(".cc") and (tree.ROOT / (name[:-2] + "h")).exists()):
            problems.append(f"{name}:1: begin with one comment that says what this file is")
    tree.report(problems)
