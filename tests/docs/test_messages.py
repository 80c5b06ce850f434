"""docs/messages.md names every warning and error of both daemons, and none that is gone."""
import re

CALL = re.compile(r"""\blog::(?:warning|error)\(\s*(?P<part>"\w+"|\w+),\s*(?=(?P<what>.{0,400}))""", re.DOTALL)
WARN = re.compile(r"""\bwarn\(origin,\s*(?P<what>"(?:[^"\\]|\\.)*")""")
LITERALS = re.compile(r"""\A((?:"(?:[^"\\]|\\.)*"\s*)+)""")
LINE = re.compile(r"""\blog::line\(.{0,120}?"\w+",\s*(?=(?P<what>[^{]{0,400}))""", re.DOTALL)  # one of several sentences

# Sentences that are no literal at their place, with what stands for them in the table.
ELSEWHERE = {"line": "*FILE:LINE: …; right would be: …*", "trouble": "*FILE ends …*", "words": "*what `check` warns of*", "what": None}  # `what`: EventLane's warn(), read by WARN


def said(text):
    found = LITERALS.match(text.strip())
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', found[1])).replace('\\"', '"') if found else None


def messages_of(source):
    found = {}
    for folder in ("common", "edge", "collector"):
        for file in sorted((source / folder).rglob("*.[ch]pp")):
            text = file.read_text()
            if file.parts[-2:] in {("base", "log.hpp"), ("base", "log.cpp")} or "cli" in file.parts:
                continue
            for call in LINE.finditer(text):
                for sentence in re.findall(r'"([^"]*)"', call["what"]):
                    found.setdefault(sentence, str(file.relative_to(source)))
            for call in [*CALL.finditer(text), *WARN.finditer(text)]:
                sentence = said(call["what"])
                if sentence is None:
                    variable = re.match(r"\w+", call["what"].strip())
                    assert variable and variable[0] in ELSEWHERE, f"{file}: say the message as a literal: {call[0][:80]}"
                    sentence = ELSEWHERE[variable[0]]
                if sentence:
                    found.setdefault(sentence, str(file.relative_to(source)))
    return found


def rows(source):
    table = (source / "docs" / "messages.md").read_text()
    return [match[1] for match in re.finditer(r"^\| [\w, ]+ \| (.+?) \| .+ \| .+ \|$", table, re.MULTILINE) if match[1] != "message"]


def test_every_message_is_explained(source):
    explained = set(rows(source))
    missing = [f"{where}: {message}" for message, where in messages_of(source).items() if message not in explained]
    assert not missing, "docs/messages.md lacks:\n" + "\n".join(missing)


def test_no_row_explains_a_message_that_is_gone(source):
    messages = messages_of(source)
    assert not [message for message in rows(source) if message not in messages]


def test_no_message_is_explained_twice(source):
    assert len(rows(source)) == len(set(rows(source)))
