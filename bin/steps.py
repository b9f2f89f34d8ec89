"""How the set-up talks: a step a line, elapsed time on what is slow, one line with the remedy on failure."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
LOG = VAR / "set-up.log"
QUIET_SECONDS = 2


class CommandFailedError(Exception):
    """A command ended with an error; the text is all that it printed."""


def fail(problem: str, remedy: str) -> NoReturn:
    """Ends the program with one line on standard error."""
    sys.exit(f"error: {problem}. {remedy}")


class Steps:
    """Numbers the lines of a run: [2/6] …"""

    def __init__(self, total: int, done: int = 0) -> None:
        self.total, self.done = total, done

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Prints the next line now and, while its body lasts longer than two seconds, the seconds so far."""
        self.done += 1
        line, finished = f"[{self.done}/{self.total}] {text}", threading.Event()
        ticker = threading.Thread(target=_tick, args=(line, finished), daemon=True)
        print(line, end="" if sys.stdout.isatty() else "\n", flush=True)
        ticker.start()
        try:
            yield
        finally:
            finished.set()
            ticker.join()
            if sys.stdout.isatty():
                print(flush=True)


def _tick(line: str, finished: threading.Event) -> None:
    start = time.monotonic()
    on_terminal = sys.stdout.isatty()
    wait = QUIET_SECONDS
    while not finished.wait(wait):
        elapsed = f"… {time.monotonic() - start:.0f} s"
        print(f"\r{line} {elapsed}" if on_terminal else f"      {elapsed}", end="" if on_terminal else "\n")
        sys.stdout.flush()
        wait = 1 if on_terminal else 10


def run(command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> None:
    """Runs a command silently in the repository; what it printed goes to the log and into the error."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    VAR.mkdir(exist_ok=True)
    LOG.write_text(done.stdout, encoding="utf-8")
    if done.returncode:
        raise CommandFailedError(done.stdout)


def fingerprint(*paths: Path) -> str:
    """A hash over the names and contents of files, and of all files below folders."""
    digest = sha256()
    for path in paths:
        files = (
            sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path][: path.exists()]
        )
        for file in files:
            content = file.read_bytes()
            digest.update(f"{file.relative_to(ROOT)}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


def is_stamped(stamp: Path, text: str) -> bool:
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == text
