"""Runs the browser tests of the console on a stand of their own: run.py BUILD_FOLDER [name of a test]. Pictures of every page are left in
BUILD_FOLDER/console-pictures."""
import pathlib
import shutil
import sys
import tempfile
import time

from console_stand import ConsoleStand, Program

LONGEST = 600  # seconds, for all of it


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    work, pictures = build / "console-work", build / "console-pictures"
    only = [f"--test-name-pattern={sys.argv[2]}"] if len(sys.argv) > 2 else []
    if shutil.which("chromium") is None:
        print("tests/browser: chromium is not installed; scripts/dependencies --console installs it", file=sys.stderr)
        return 2
    pictures.mkdir(parents=True, exist_ok=True)
    node = work / "node_modules" / ".bin" / "node"
    here = pathlib.Path(__file__).resolve().parent
    tests = sorted(str(test) for test in here.glob("*.test.mjs"))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="anlan-console-"))
    end = time.monotonic() + LONGEST
    stand = ConsoleStand(folder, build / "console")
    try:
        environment = {"ANLAN_CONSOLE": stand.url, "ANLAN_CONSOLE_WORK": str(work), "ANLAN_CONTROL": stand.control_url, "ANLAN_PICTURES": str(pictures)}
        argv = [node, "--test", "--test-concurrency=1", "--test-force-exit", "--test-reporter=spec", *only, *tests]
        with Program(argv, folder / "tests.log", env=environment) as running:
            stand.serve(until=lambda: not running.running or time.monotonic() > end)
            code = running.stop() or int(time.monotonic() > end)  # a signal, where it is late: the browser ends with it
            print(running.text(), flush=True)
        if code != 0:
            print(stand.collector.program.tail(), file=sys.stderr)
        return code
    finally:
        stand.close()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
