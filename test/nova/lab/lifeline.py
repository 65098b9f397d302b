"""Ties the life of this process to that of the one that started it, which holds the other end of standard input.

Import this before anything that patches the standard library: the watcher is a plain thread on plain calls.
"""
import os
import shutil
import threading

# Kept before eventlet, which replaces os.read by one that needs its own event loop.
_read, _exit = os.read, os._exit


def end_with_parent(directory):
    """Removes the directory and ends this process as soon as standard input is closed."""

    def watch():
        while _read(0, 4096):
            pass
        shutil.rmtree(directory, ignore_errors=True)
        _exit(0)

    threading.Thread(target=watch, daemon=True).start()
