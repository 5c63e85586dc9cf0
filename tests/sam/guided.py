"""Runs a command on a pseudo-terminal and presses Enter at every question, but answers y where it is to deploy.

Arguments: the command. Prints what the command printed, and ends as it ended.
"""

import os
import pty
import re
import select
import sys
import time

QUESTION = re.compile(rb"(\[[^\]\n]*\]|\?|:)\s*:?\s*(\x1b\[[0-9;]*m)*\s*$")
PATIENCE = 300

child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
said, answered, began = b"", 0, time.monotonic()
while time.monotonic() - began < PATIENCE:
    ready, _, _ = select.select([terminal], [], [], 0.3)
    if ready:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # the command ended and closed its side
            break
        if not piece:
            break
        said += piece
    elif len(said) > answered and QUESTION.search(said[answered:].rsplit(b"\n", 1)[-1]):
        # It is silent behind what looks like a question.
        last = said[answered:].rsplit(b"\n", 1)[-1]
        os.write(terminal, b"y\n" if b"Deploy this changeset?" in last else b"\n")
        answered = len(said)
else:
    os.kill(child, 9)
sys.stdout.buffer.write(said)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
