#!/usr/bin/python3
"""Checks every #include of the tree against allowed_includes.txt: check.py [ROOT [RULES]]. Prints each breach as
file:line: what; exit 1 where there is one. It also checks the rules themselves (no circle, edge and collector apart)
and that a .cpp includes its own header first, which proves that the header needs nothing before it."""
import fnmatch
import pathlib
import re
import sys

SIDES = ("common", "edge", "collector")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


class Rules:
    def __init__(self, text):
        self.folders, self.libraries, self.faults = {}, {}, []
        section = None
        for number, line in enumerate(text.splitlines(), 1):
            line = line.split("#", 1)[0].strip()
            if line in ("[folders]", "[libraries]"):
                section = self.folders if line == "[folders]" else self.libraries
            elif line:
                where, colon, what = line.partition(":")
                if section is None or not colon or where in section:
                    self.faults.append(f"allowed_includes.txt:{number}: not understood, or said twice: {line}")
                else:
                    section[where.strip()] = what.split()

    def folder_rule(self, folder):
        """What files of `folder` may include, or None where no line covers it."""
        if folder in self.folders:
            return self.folders[folder]
        while folder.startswith("tests/") and folder not in self.folders:
            folder = folder.rpartition("/")[0]
        return self.folders.get(folder)

    def library_rule(self, header):
        best = max((name for name in self.libraries if header.startswith(name)), key=len, default=None)
        return None if best is None else self.libraries[best]

    def check_themselves(self):
        """Circles between folders, and lines that join edge and collector."""
        yield from self.faults
        graph = {}
        for name in self.folders:
            if name.split("/")[0] in SIDES:
                folder = self.folder_of(name)
                graph[folder] = graph.get(folder, set()) | self.targets(name)
        for folder, targets in graph.items():
            for target in targets:
                if {folder.split("/")[0], target.split("/")[0]} == {"edge", "collector"}:
                    yield f"allowed_includes.txt: {folder} must not know {target}"
                if folder.startswith("common") and not target.startswith("common"):
                    yield f"allowed_includes.txt: {folder} lies below {target}"
        for folder in graph:
            if folder in self.reachable(graph, folder):
                yield f"allowed_includes.txt: {folder} includes itself in a circle"

    def targets(self, folder):
        names = set()
        for entry in self.folders[folder]:
            plain = entry.removesuffix("/**")
            if entry.endswith("/**"):
                names |= {f for f in self.folders if f == plain or f.startswith(plain + "/")}
            else:
                names.add(self.folder_of(plain))
        return {self.folder_of(n) for n in names} - {self.folder_of(folder)}

    @staticmethod
    def folder_of(name):
        return name.rpartition("/")[0] if "." in name else name

    @staticmethod
    def reachable(graph, start):
        seen, queue = set(), list(graph[start])
        while queue:
            folder = queue.pop()
            if folder not in seen:
                seen.add(folder)
                queue.extend(graph.get(folder, ()))
        return seen


def matches(path, entry):
    folder, _, name = path.rpartition("/")
    if entry.endswith("/**"):
        return path.startswith(entry[:-2])
    if entry == folder:
        return True
    entry_folder, _, entry_name = entry.rpartition("/")
    return entry_folder == folder and fnmatch.fnmatchcase(name, entry_name)


def standard(header):
    return re.fullmatch(r"[a-z_0-9]+", header) is not None


def check_project_include(root, rules, path, header):
    if not (root / header).is_file():
        return f"includes {header}, which is no file from the repository's root"
    folder = path.rpartition("/")[0]
    if header.rpartition("/")[0] == folder:
        return None
    allowed = rules.folder_rule(folder)
    if allowed is None:
        return None  # said once for the folder
    allowed = allowed + rules.folders.get(path, [])
    return None if any(matches(header, entry) for entry in allowed) else f"{folder} may not include {header}"


def check_library_include(rules, path, header):
    if standard(header):
        return None
    allowed = rules.library_rule(header)
    if allowed is None:
        return f"<{header}> is of no library that allowed_includes.txt lists"
    return None if any(matches(path, entry) for entry in allowed) else f"<{header}> is not to be known here"


def check_file(root, rules, path):
    first = None
    for number, line in enumerate((root / path).read_text(encoding="utf-8").splitlines(), 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        kind, header = found.groups()
        first = first or header
        ours = kind == '"' and header.split("/")[0] in SIDES + ("tests",)
        fault = check_project_include(root, rules, path, header) if ours else check_library_include(rules, path, header)
        if fault:
            yield f"{path}:{number}: {fault}"
    own = path.removesuffix(".cpp") + ".hpp"
    if path.endswith(".cpp") and (root / own).is_file() and first != own:
        yield f"{path}:1: the first include is not its own header"


def check(root, rules):
    yield from rules.check_themselves()
    unknown = set()
    for side in SIDES + ("tests",):
        for file in sorted((root / side).rglob("*")):
            if file.suffix not in (".cpp", ".hpp", ".h", ".ipp", ".cc") or not file.is_file():
                continue
            path = file.relative_to(root).as_posix()
            folder = path.rpartition("/")[0]
            if rules.folder_rule(folder) is None and folder not in unknown:
                unknown.add(folder)
                yield f"{folder}: this folder is not in allowed_includes.txt"
            yield from check_file(root, rules, path)


def main(arguments):
    here = pathlib.Path(__file__).resolve().parent
    root = pathlib.Path(arguments[0]) if arguments else here.parent.parent
    rules = Rules(pathlib.Path(arguments[1] if len(arguments) > 1 else here / "allowed_includes.txt").read_text())
    breaches = list(check(root, rules))
    print("\n".join(breaches) if breaches else "every include is allowed")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
