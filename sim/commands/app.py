"""``influence app``: the page to explore in, served by Streamlit to this machine's own browser."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
import webbrowser
from contextlib import suppress
from json import dumps
from pathlib import Path

from sim.errors import InfluenceError, InputError, nearest_match
from sim.results.summary import SCHEMA
from sim.scenario.library import built_in

LOOPBACK = "127.0.0.1"
PORTS = range(8501, 8521)
"""Without --port the first of these that is free."""
SCRIPT = Path("views", "app", "script.py")
UPLOAD_MB = 50
SETTINGS = {
    "server.headless": "true", "server.fileWatcherType": "none", "server.runOnSave": "false",
    "server.enableXsrfProtection": "true", "server.enableCORS": "true", "server.maxUploadSize": str(UPLOAD_MB),
    "browser.gatherUsageStats": "false", "client.toolbarMode": "minimal", "client.showErrorDetails": "none",
    "runner.postScriptGC": "false", "global.developmentMode": "false", "logger.level": "warning",
    "theme.primaryColor": "#0072b2",
}  # fmt: skip
"""No watching of files, no usage statistics, no window opened by the server, no traceback shown to a browser.

After each look at the progress Streamlit would search all objects for garbage, a quarter of a second of the processor
here; Python does that often enough by itself.
"""
STARTING, POLL = 60.0, 0.1
"""Seconds that the server may take to begin, and between two looks at it."""


def app(scenario: str | None, port: int | None, host: str, browser: bool, json: bool = False) -> None:
    """Serve the page until Ctrl-C. json: tell the address as a JSON document.

    Raises InputError where Streamlit is missing, or the port cannot be had.
    """
    if importlib.util.find_spec("streamlit") is None:
        raise InputError("Streamlit is not installed", key="app", expected='pip install "influence-sim[app]"')
    if scenario is not None and scenario not in built_in():
        raise InputError("no such built-in scenario", key="SCENARIO", value=scenario,
                         expected="a name of `influence scenarios`; a file of your own is uploaded in the app",
                         nearest=nearest_match(scenario, built_in()))  # fmt: skip
    chosen = free_port(host) if port is None else checked_port(host, port)
    before = signal.signal(signal.SIGTERM, _interrupt)
    server = subprocess.Popen(command(scenario, chosen, host), stdout=subprocess.DEVNULL, env=_environment())
    try:
        _wait_for(server, host, chosen)
        url = f"http://{f'[{host}]' if ':' in host else host}:{chosen}"
        told = dumps({"schema": SCHEMA, "command": "app", "url": url})
        print(told if json else f"influence-sim: {url}  (Ctrl-C ends it)", flush=True)
        if browser:
            webbrowser.open(url)
        if server.wait() != 0:
            raise InfluenceError("the server of the app has ended by itself")
    finally:
        _end(server)
        signal.signal(signal.SIGTERM, before)


def _interrupt(*_: object) -> None:
    """End as with Ctrl-C, so that the server does not stay behind."""
    raise KeyboardInterrupt


def command(scenario: str | None, port: int, host: str) -> list[str]:
    """The words that start the server."""
    script = Path(__file__).parents[1] / SCRIPT
    settings = {"server.address": host, "server.port": str(port), **SETTINGS}
    options = [f"--{key}={value}" for key, value in settings.items()]
    return [sys.executable, "-m", "streamlit", "run", str(script), *options, "--", *([scenario] if scenario else [])]


def _environment() -> dict[str, str]:
    """One thread a run, as everywhere; the server shows no pictures by itself."""
    return {**os.environ, "NUMBA_NUM_THREADS": "1", "MPLBACKEND": "Agg"}


def free_port(host: str) -> int:
    """The first free port; InputError where there is none."""
    for port in PORTS:
        with suppress(InputError):
            return checked_port(host, port)
    raise InputError(f"no free port from {PORTS.start} to {PORTS.stop - 1} on {host}", key="--port",
                     expected="another one: --port N")  # fmt: skip


def checked_port(host: str, port: int) -> int:
    """The same port, if it can be listened on; InputError otherwise."""
    if not 1 <= port <= 65535:
        raise InputError("out of range", key="--port", value=port, expected="a number from 1 to 65535")
    try:
        family, kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise InputError("no such address on this machine", key="--host", value=host,
                         expected=f"{LOOPBACK}, or an address of this machine") from None  # fmt: skip
    with socket.socket(family, kind) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(address)
        except PermissionError:
            raise InputError("may not be used", key="--port", value=port, expected="a port from 1024 on") from None
        except OSError as error:
            in_use = "in use" in str(error).lower()
            raise InputError("is in use" if in_use else f"cannot be used: {error.strerror}",
                             key="--port" if in_use else "--host", value=port if in_use else host,
                             expected="another port: --port N" if in_use else LOOPBACK) from None  # fmt: skip
    return port


def _wait_for(server: subprocess.Popen[bytes], host: str, port: int) -> None:
    """Until the server answers."""
    reached = {"0.0.0.0": LOOPBACK, "::": "::1"}.get(host, host)
    until = time.monotonic() + STARTING
    while time.monotonic() < until and server.poll() is None:
        with suppress(OSError), socket.create_connection((reached, port), timeout=1.0):
            return
        time.sleep(POLL)
    raise InfluenceError("the server of the app did not start; what it said stands above")


def _end(server: subprocess.Popen[bytes]) -> None:
    """Let the server end; Ctrl-C has reached it too."""
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
