"""`fabmesh`: the command line of the embedded default."""

import argparse
import signal
import sys
from collections.abc import Sequence

from launcher import dead_letters, down, status, up
from launcher.demo import command as demo
from launcher.errors import LauncherError

FAILED = 1
INTERRUPTED = 128 + signal.SIGINT


def main(arguments: Sequence[str] | None = None) -> int:
    """Parses and carries out one command; returns its exit code. What goes wrong is a sentence on stderr."""
    parser = argparse.ArgumentParser(prog="fabmesh", description="A city's small workshops as one factory.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (up, down, status, dead_letters, demo):
        command.add_to(commands)
    given = parser.parse_args(arguments)
    try:
        return int(given.run(given))
    except LauncherError as error:
        print(f"fabmesh: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
