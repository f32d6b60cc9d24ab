"""Imported once by the server from which worker processes are forked: what every one of them will need.

Nothing else imports it. A tiny campaign brings in the machine code of the kernel and of the loops that draw audiences,
where it has been compiled before.
"""

import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business, from the first moment

import sim.ensemble  # noqa: E402, F401
from sim.engine.ahead import compile_ahead, tiny_world  # noqa: E402
from sim.engine.compiling import is_compiled  # noqa: E402
from sim.parameters import Rates  # noqa: E402
from sim.society.audiences import draw_audience  # noqa: E402

if is_compiled():
    compile_ahead(0, 1)
    draw_audience(tiny_world(Rates()).society, 1, 0, 0, 100.0, Rates(), 1, 0)
