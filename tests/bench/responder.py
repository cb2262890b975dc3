"""The far end of the round trips, a process of its own: answers each LCDM-2000 STATUS at once, as fast as it can.

Started with the descriptor of a pty's master side as its argument.
"""

import os
import sys

STATUS = bytes.fromhex("04 50 02 46 03 13")
ANSWER = bytes.fromhex("06 01 50 02 46 30 30 80 80 03 16")
ACK = b"\x06"


def serve(descriptor: int) -> None:
    """Until the other side is closed."""
    heard = b""
    while True:
        try:
            heard += os.read(descriptor, 4096)
        except OSError:
            return
        while STATUS in heard:
            heard = heard.partition(STATUS)[2]
            os.write(descriptor, ANSWER)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
