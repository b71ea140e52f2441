"""`python -m topics.processes.tied MODULE`: runs MODULE as `__main__`, and ends it when the parent's pipe closes.

The supervisor holds the other end of stdin; when it ends, however it ends, this process gets SIGTERM from itself.
"""

import os
import runpy
import signal
import sys
import threading


def _watch() -> None:
    # past sys.stdin: a buffer that this thread holds would abort the interpreter when MODULE ends
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_watch, daemon=True).start()
    runpy.run_module(sys.argv[1], run_name="__main__", alter_sys=True)
