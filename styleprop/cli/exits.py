"""Exit statuses, and what is said of an error that ends a command."""

import traceback

from styleprop.cli.options import UsageError
from styleprop.cli.terminal import complain, describe
from styleprop.errors import SettingsError

EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_STOPPED = 0, 1, 2, 130


def report(error: BaseException, debug: bool) -> int:
    """Say what went wrong on one line, with the traceback where `debug`; the exit status."""
    if debug:
        traceback.print_exception(error)
    complain(describe(error))
    if isinstance(error, KeyboardInterrupt):
        return EXIT_STOPPED
    return EXIT_USAGE if isinstance(error, UsageError | SettingsError) else EXIT_FAILED
