"""Profile a corpus: run it window by window, add up, and be able to go on after a kill."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import time
import warnings
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn, TypeAlias

from tqdm.auto import tqdm

from attn_widgets.analysis import profile_file
from attn_widgets.analysis.profile import Profile
from attn_widgets.analysis.profile_file import Progress
from attn_widgets.models import arguments, profiling_windows
from attn_widgets.models.errors import TextFailedError, TextFailedWarning, TruncationWarning
from attn_widgets.models.profiling_texts import Stream
from attn_widgets.models.ray_profiling import OnRay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from attn_widgets.analysis.profile_failures import Failure
    from attn_widgets.models.core import Core
    from attn_widgets.models.measuring import Measuring
    from attn_widgets.models.profiling_windows import Part, Settings
    from attn_widgets.models.tabular import Column

Engine: TypeAlias = Literal["local", "ray"]
OnError: TypeAlias = Literal["raise", "record"]

_ENGINES: Final = ("local", "ray")
_ON_ERROR: Final = ("raise", "record")
_SECONDS_BETWEEN_SAVES = 10.0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a corpus is run: none of it changes what comes out.

    Parameters
    ----------
    path
        Where the profile is kept as it grows, or None.
    engine
        ``"local"`` or ``"ray"``.
    actors
        Of Ray, how many hold the model, or None.
    on_error
        ``"raise"``, or ``"record"``.
    window
        Texts that are read ahead and sorted by length.
    progress
        Whether a progress bar is shown.
    """

    path: str | os.PathLike[str] | None = None
    engine: Engine = "local"
    actors: int | None = None
    on_error: OnError = "raise"
    window: int = 512
    progress: bool = True

    def __post_init__(self) -> None:
        """Refuse what is no way to run a corpus."""
        _check("engine", self.engine, _ENGINES)
        _check("on_error", self.on_error, _ON_ERROR)
        for name, number in (("window", self.window), ("actors", self.actors)):
            if number is not None and number < 1:
                msg = f"{name} is {number}: expected 1 or more"
                raise ValueError(msg)


def profile(texts: object, runner: Measuring, **options: Any) -> Profile:  # noqa: ANN401 - the method names each and its type
    """Measure the attention weights of a whole corpus, in memory that does not grow with it.

    Parameters
    ----------
    texts
        Any stream of texts, pairs or rows.
    runner
        The model.
    options
        As in :meth:`ModelRunner.profile`, which this calls.

    Returns
    -------
    Profile
        For :func:`diagnose`, to add up with others, or to be saved.

    Raises
    ------
    TextFailedError, TypeError, ValueError, ImportError, UnsupportedModelError
        As there.
    """
    return runner.profile(texts, **options)


def run(core: Core, texts: object, column: Column, settings: Settings, way: Way) -> Profile:
    """Profile a corpus; see `ModelRunner.profile`."""
    stream = Stream(texts, column)
    nothing = profiling_windows.empty(core, settings)
    file = _File(way.path, nothing)
    file.resume(stream)
    made, consumed = file.profile, stream.consumed
    engine: Callable[..., Iterator[Part]] = profiling_windows.locally
    if way.engine == "ray":
        engine = OnRay(way.actors)
    with (
        tqdm(total=stream.total, initial=consumed, unit="text", disable=not way.progress) as bar,
        file.kept(),
    ):
        for part in engine(core, nothing, settings, stream.windows(way.window)):
            if way.on_error == "raise" and part.profile.failures.count:
                _refuse(part.profile.failures.first[0])
            made += part.profile
            file.reached(made, Progress(part.consumed, part.digest))
            bar.update(part.consumed - consumed)
            consumed = part.consumed
    return _checked(made, consumed)


class _File:
    """The file that a profile is kept in as it grows."""

    def __init__(self, path: str | os.PathLike[str] | None, nothing: Profile) -> None:
        self._path = None if path is None else _writable(pathlib.Path(path))
        self.profile = nothing
        self._progress: Progress | None = None
        self._saved: Progress | None = None
        self._time = time.monotonic()

    def resume(self, stream: Stream) -> None:
        """Take up what an earlier run has left, and read over its texts.

        Raises
        ------
        ValueError
            If the file is of another model or setting, or of other texts.
        """
        if self._path is None or not self._path.exists():
            return
        parts, progress = profile_file.read(self._path)
        found = Profile(**parts)
        if progress is None:
            msg = f"{self._path} is a profile that no run was writing: give another path"
            raise ValueError(msg)
        try:
            self.profile.check_same(found)
        except ValueError as error:
            msg = f"{self._path} cannot be gone on with; give another path, or delete it: {error}"
            raise ValueError(msg) from error
        count = stream.skip(progress.consumed)
        if count < progress.consumed or stream.digest != progress.digest:
            msg = (
                f"{self._path} holds the first {progress.consumed} of other texts: give the same "
                "texts in the same order, another path, or delete the file"
            )
            raise ValueError(msg)
        self.profile, self._progress, self._saved = found, progress, progress

    def reached(self, profile: Profile, progress: Progress) -> None:
        """Take the profile of all texts so far; it is written every ten seconds."""
        self.profile, self._progress = profile, progress
        if time.monotonic() - self._time >= _SECONDS_BETWEEN_SAVES:
            self._save()

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Write what was reached, however a block ends."""
        try:
            yield
        finally:
            self._save()

    def _save(self) -> None:
        if self._path is None or self._progress in (None, self._saved):
            return
        profile_file.write(self._path, self.profile, self._progress)
        self._saved, self._time = self._progress, time.monotonic()


def _writable(path: pathlib.Path) -> pathlib.Path:
    """Refuse a file that could not be written, before hours of work hang on it.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    IsADirectoryError
        If it is a folder itself.
    PermissionError
        If nothing may be written there.
    """
    folder = path.absolute().parent
    if not folder.is_dir():
        msg = f"path is {str(path)!r}, and there is no folder {str(folder)!r}: make it first"
        raise FileNotFoundError(msg)
    if path.is_dir():
        msg = f"path is {str(path)!r}, a folder: give a file in it, such as 'profile.npz'"
        raise IsADirectoryError(msg)
    if not os.access(folder, os.W_OK):
        msg = f"path is {str(path)!r}, where nothing may be written: give another one"
        raise PermissionError(msg)
    return path


def _checked(made: Profile, consumed: int) -> Profile:
    """Refuse a profile of nothing, and say what is missing of one.

    Raises
    ------
    ValueError
        If no text was measured.
    """
    failures = made.failures
    if not consumed:
        msg = "there is no text to profile: the stream is empty"
        raise ValueError(msg)
    if not made.texts:
        one = failures.first[0]
        msg = f"none of {consumed} texts could be run; text {one.place}: {one.error}: {one.message}"
        raise TextFailedError(msg)
    if made.cut:
        msg = f"{made.cut} of {consumed} texts were too long: {made.lost} tokens were cut off"
        warnings.warn(msg, TruncationWarning, stacklevel=arguments.outside())
    if failures.count:
        kinds = ", ".join(f"{count} {name}" for name, count in failures.by_error)
        msg = (
            f"{failures.count} of {consumed} texts failed and are left out ({kinds}): see failures"
        )
        warnings.warn(msg, TextFailedWarning, stacklevel=arguments.outside())
    return made


def _refuse(one: Failure) -> NoReturn:
    msg = (
        f"text {one.place} ({one.text!r}) failed: {one.error}: {one.message}; "
        "on_error='record' would leave such texts out"
    )
    raise TextFailedError(msg)


def _check(name: str, given: object, known: tuple[Any, ...]) -> None:
    if given not in known:
        msg = f"{name} is {given!r}: expected {' or '.join(map(repr, known))}"
        raise ValueError(msg)
