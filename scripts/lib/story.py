"""How the demonstration tells what happens: times, colours on a terminal, and checks that decide the exit code."""
import datetime
import os
import sys
import time

COLOURS = {"blue": "34", "yellow": "33", "orange": "38;5;208", "red": "31;1", "green": "32", "dim": "2", "bold": "1"}


class Story:
    def __init__(self):
        self.begun = time.monotonic()
        self.failed = []
        self.checks = 0
        self.coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def paint(self, colour, text):
        return f"\033[{COLOURS[colour]}m{text}\033[0m" if self.coloured else text

    def _say(self, mark, text):
        now = datetime.datetime.now().astimezone().strftime("%H:%M:%S")
        print(f"{self.paint('dim', now)} {time.monotonic() - self.begun:6.1f} s {mark} {text}", flush=True)

    def chapter(self, number, text):
        print()
        self._say(self.paint("bold", f"{number}."), self.paint("bold", text))

    def tell(self, text, colour=None):
        self._say(" ", self.paint(colour, text) if colour else text)

    def check(self, holds, text):
        """Says whether it holds; a check that does not hold makes the demonstration fail, and it goes on."""
        self.checks += 1
        if holds:
            self._say(self.paint("green", "✓"), text)
        else:
            self._say(self.paint("red", "✗"), text)
            self.failed.append(text)
        return bool(holds)

    def end(self):
        print()
        if self.failed:
            self._say(self.paint("red", "✗"), f"{len(self.failed)} of {self.checks} checks did not hold:")
            for text in self.failed:
                print(f"      {text}")
            return 1
        self._say(self.paint("green", "✓"), f"all {self.checks} checks held")
        return 0
