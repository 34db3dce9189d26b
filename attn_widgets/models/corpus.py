"""Prose that every installation has: paragraphs of docstrings, by module, in a fixed order."""

from __future__ import annotations

import ast
import importlib.util
import re
import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MODULES: Final = (
    "argparse", "ast", "base64", "bisect", "calendar", "cmd", "codecs", "collections",
    "collections.abc", "concurrent.futures._base", "configparser", "contextlib", "copy", "csv",
    "dataclasses", "difflib", "doctest", "email.message", "email.policy", "enum", "fractions",
    "functools", "gettext", "heapq", "http.client", "http.cookiejar", "http.server", "imaplib",
    "inspect", "ipaddress", "json", "json.decoder", "json.encoder", "logging", "logging.handlers",
    "mailbox", "multiprocessing.pool", "multiprocessing.shared_memory", "numbers", "optparse",
    "os", "pathlib", "pdb", "pickle", "pkgutil", "platform", "plistlib", "pprint", "queue",
    "random", "sched", "selectors", "shelve", "shutil", "smtplib", "socketserver", "statistics",
    "string", "subprocess", "tarfile", "tempfile", "textwrap", "threading", "timeit", "tokenize",
    "traceback", "turtle", "typing", "unittest.case", "unittest.mock", "urllib.parse",
    "urllib.request", "uuid", "warnings", "weakref", "xml.dom.minidom", "xml.etree.ElementTree",
    "xml.sax.handler", "zipfile",
    "numpy.fft._helper", "numpy.lib._arraypad_impl", "numpy.lib._arraysetops_impl",
    "numpy.lib._function_base_impl", "numpy.lib._histograms_impl", "numpy.lib._index_tricks_impl",
    "numpy.lib._npyio_impl", "numpy.lib._shape_base_impl", "numpy.lib._twodim_base_impl",
    "numpy.linalg._linalg", "numpy.polynomial.polynomial",
)  # fmt: skip
"""Modules whose docstrings are read; one that an installation lacks is passed over."""

_LEAST, _MOST = 120, 600  # characters of a paragraph
_HELD_OUT = 5  # one module in five
_LISTS = re.compile(r">>>|^\s*[-*=~]|::|\.\. |\|_|\.{3}|:\w+:|--|^\s*\w+ : ", re.MULTILINE)


def paragraphs(modules: Iterable[str] = MODULES) -> dict[str, tuple[str, ...]]:
    """Collect the paragraphs of prose in modules' docstrings.

    A paragraph is prose if it begins with a capital, ends a sentence, has 120 to 600 characters and
    no markup of lists, tables or examples. The source is parsed, never run.

    Parameters
    ----------
    modules
        Names of modules.

    Returns
    -------
    dict
        Module to its paragraphs, in the order of the source, each once; a module that is not
        installed, has no source or no such paragraph is left out.
    """
    found: dict[str, tuple[str, ...]] = {}
    seen: set[str] = set()
    for module in modules:
        own = tuple(text for text in _prose(module) if text not in seen)
        seen.update(own)
        if own:
            found[module] = tuple(dict.fromkeys(own))
    return found


def held_out(module: str) -> bool:
    """Say whether a module is kept for testing: one in five, by its name alone."""
    return zlib.crc32(module.encode()) % _HELD_OUT == 0


def split(texts: dict[str, tuple[str, ...]], each: int) -> tuple[list[str], list[str]]:
    """Divide paragraphs into training and held-out texts, by module.

    Parameters
    ----------
    texts
        What `paragraphs` returned.
    each
        Most paragraphs to take of one module, evenly spread over it.
    """
    train: list[str] = []
    test: list[str] = []
    for module, own in texts.items():
        step = max(len(own) / each, 1.0)
        chosen = [own[int(i * step)] for i in range(min(each, len(own)))]
        (test if held_out(module) else train).extend(chosen)
    return train, test


def _prose(module: str) -> Iterator[str]:
    for docstring in _docstrings(module):
        for block in re.split(r"\n\s*\n", docstring):
            text = " ".join(block.split())
            if (
                _LEAST <= len(text) <= _MOST
                and text[0].isupper()
                and text.endswith(".")
                and not _LISTS.search(block)
            ):
                yield text


def _docstrings(module: str) -> Iterator[str]:
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return
    read = getattr(getattr(spec, "loader", None), "get_source", None)
    source = None if read is None else read(module)
    if source is None:
        return
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, documented):
            docstring = ast.get_docstring(node)
            if docstring:
                yield docstring
