"""A child process ends when its parent does, however that died: no orphan keeps a port."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # Linux, prctl(2)


def end_with_parent(*, at_once: bool = False) -> None:
    """Ask the system to end this process when its parent ends; elsewhere than on Linux, nothing.

    ``at_once`` is for the inner process of a web server: told to stop, it waits for the outer one
    to let it go, and when that one was killed it would wait, and keep the port, for ever.
    """
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    last = signal.SIGKILL if at_once else signal.SIGTERM
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, last)
    if os.getppid() != parent:  # it died before we could ask
        os.kill(os.getpid(), last)
