"""What every test may count on, however the suite was started."""

from __future__ import annotations

import signal

# A suite started with `&` by a script ignores Ctrl-C, and so would each program it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
