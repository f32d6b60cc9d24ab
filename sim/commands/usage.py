"""The words of a command that cannot be understood, told like any other bad input."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from typing import Any

from sim.errors import InputError, nearest_match


def whole_number(option: str, low: int | None = None) -> Callable[[str], int]:
    """A reader of whole numbers for one option of the command line."""

    def read(text: str) -> int:
        bound = "" if low is None else f", {low} or more"
        try:
            number = int(text)
        except ValueError:
            raise InputError("not a whole number", key=option, value=text, expected=f"a whole number, like 1000{bound}",
                             nearest=_whole(text)) from None  # fmt: skip
        if low is not None and number < low:
            raise InputError("out of range", key=option, value=number, expected=f"a whole number{bound}")
        return number

    return read


def decimal(option: str) -> Callable[[str], float]:
    """A reader of numbers for one option of the command line; whether they are in range is the command's to say."""

    def read(text: str) -> float:
        try:
            return float(text)
        except ValueError:
            raise InputError("not a number", key=option, value=text, expected="a number, like 0.1",
                             nearest=_of_per_cent(text) or _with_point(text) or _whole(text)) from None  # fmt: skip

    return read


def _of_per_cent(text: str) -> str | None:
    """The share that 10% stands for."""
    number = re.fullmatch(r"([0-9]+(?:[.][0-9]+)?)\s*%", text.strip())
    return None if number is None else f"{float(number[1]) / 100.0:g}"


def _with_point(text: str) -> str | None:
    """The number that 0,1 stands for where a comma marks decimals; 1,000 may be a thousand."""
    return text.strip().replace(",", ".") if re.fullmatch(r"[0-9]+,([0-9]{1,2}|[0-9]{4,})", text.strip()) else None


def _whole(text: str) -> str | None:
    """The whole number that 1e6, 1,000 or 20k stands for."""
    plain = text.strip().replace(",", "").lower()
    plain = re.sub("k$", "e3", re.sub("m$", "e6", plain))
    try:
        number = float(plain)
    except ValueError:
        return None
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else None


def usage_error(error: Any) -> InputError:
    """Click's own complaint as one of ours: which word, what was expected, what is nearest to it."""
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", "influence")
    message = str(error.format_message()).rstrip(".")
    expected = f"what `{path} --help` shows"
    name = getattr(error, "option_name", None)
    if re.match("no such command", message, re.IGNORECASE):
        return _no_such_command(message, context)
    if re.match("no such option", message, re.IGNORECASE):
        return InputError("no such option", key=name, expected=f"an option of `{path} --help`",
                          nearest=_nearest_option(str(name), context))  # fmt: skip
    param = getattr(error, "param", None)
    if type(error).__name__ == "MissingParameter" and param is not None:
        return InputError("missing", key=_param_name(param), expected=f"{_param_help(param)} (see `{path} --help`)")
    if name is not None:
        return InputError("nothing follows this option", key=str(name), expected="a value after it")
    extra = re.search(r"extra arguments?(?:\(s\))? \((.*)\)", message)
    if extra:
        return InputError("one word too many", value=extra[1], expected=f"{expected}; quotes around a name with spaces")
    key = None if param is None else _param_name(param)
    return InputError(message[:1].lower() + message[1:], key=key, expected=expected)


def _no_such_command(message: str, context: Any) -> InputError:
    names = list(getattr(context.command, "commands", {}))
    found = re.search("'(.*?)'", message)
    word = found[1] if found else ""
    return InputError("no such command", key="COMMAND", value=word, expected=f"one of {', '.join(names)}",
                      nearest=nearest_match(word, names))  # fmt: skip


def _nearest_option(name: str, context: Any) -> str | None:
    params = getattr(context.command, "params", ())
    options = ["--help", *(option for param in params for option in param.opts if option.startswith("--"))]
    near = difflib.get_close_matches(name, options, n=1, cutoff=0.6)
    return near[0] if near else None


def _param_name(param: Any) -> str:
    return str(param.opts[0] if param.param_type_name == "option" else param.metavar or param.name)


def _param_help(param: Any) -> str:
    text = str(getattr(param, "help", None) or "a value").rstrip(".")
    return text[0].lower() + text[1:]
