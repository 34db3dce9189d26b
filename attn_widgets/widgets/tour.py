"""Views that can be kept, shared and shown again in order."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Self

import traitlets as t

from attn_widgets.widgets.arriving import Arriving
from attn_widgets.widgets.traits import whole_number

if TYPE_CHECKING:
    from collections.abc import Sequence

_OF_THE_READER = ("lang", "density")
"""What a reader has set for their own eyes; a bookmark leaves it alone."""

Caption = Mapping[Literal["en", "ja"], str]


@dataclasses.dataclass(frozen=True, slots=True)
class Bookmark:
    """A view under a name, with what is to be said of it.

    Parameters
    ----------
    name
        What it is called; one explorer has each name once.
    caption
        What is said beside the picture, by language.
    state
        The settings, in the form of :attr:`AttentionExplorer.state`.
    """

    name: str
    caption: Caption
    state: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain JSON values."""
        return {"name": self.name, "caption": dict(self.caption), "state": dict(self.state)}

    @classmethod
    def from_dict(cls, value: object) -> Self:
        """Read what :meth:`to_dict` gave.

        Raises
        ------
        ValueError
            If a part is missing or of the wrong type.
        """
        parts = value if isinstance(value, Mapping) else {}
        known = set(parts) == {"name", "caption", "state"}
        if not known or not isinstance(parts["state"], Mapping):
            msg = f"{value!r:.80} is no bookmark: expected one with name, caption and state"
            raise ValueError(msg)
        return cls(_name(parts["name"]), captioned(parts["caption"]), dict(parts["state"]))


class Touring(Arriving):
    """A widget whose views can be kept under names and walked through."""

    _tour: t.List[dict[str, Any]] = t.List().tag(sync=True)
    step = t.Integer(default_value=None, allow_none=True).tag(sync=True)
    _with_its_view = False

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the browser chose; a step that comes with its view is not shown anew.

        Undo goes back to where the tour stood and to what was chosen since.
        """
        self._with_its_view = "step" in sync_data and len(sync_data) > 1
        try:
            super().set_state(sync_data)
        finally:
            self._with_its_view = False

    @property
    def state(self) -> dict[str, Any]:
        """All settings as plain JSON values; assigning them shows the same view again.

        A JSON string of them is taken, too. Settings that are left out stay as they are. If one of
        them does not fit the record on show, none is taken.

        Raises
        ------
        ValueError
            If it is no mapping, or names a setting that there is not.
        traitlets.TraitError
            If a value does not fit this record; the message gives the range.
        """
        values: dict[str, Any] = json.loads(json.dumps(self.get_state(self.names())))
        return values

    @state.setter
    def state(self, state: Mapping[str, Any] | str) -> None:
        wanted = _read(state, self.names())
        before = {name: getattr(self, name) for name in wanted}
        try:
            values = {name: self._from_json(name, value) for name, value in wanted.items()}
            with self.hold_sync():
                for name, value in values.items():
                    setattr(self, name, value)
        except Exception:
            with self.hold_sync():
                for name, value in before.items():
                    setattr(self, name, value)
            raise

    def bookmark(self, name: str, caption: str | Caption = "") -> Bookmark:
        """Keep the present view at the end of the tour.

        Parameters
        ----------
        name
            What to call it. A bookmark of that name is replaced where it stands.
        caption
            What is said beside the picture: a text, or one per language,
            ``{"en": ..., "ja": ...}``.

        Raises
        ------
        ValueError
            If the name is empty, or the caption is neither.
        """
        state = {name: v for name, v in self.state.items() if name not in _OF_THE_READER}
        made = Bookmark(_name(name), captioned(caption), state)
        kept = list(self.tour)
        names = [bookmark.name for bookmark in kept]
        if made.name in names:
            kept[names.index(made.name)] = made
        else:
            kept.append(made)
        self.tour = kept
        return made

    @property
    def tour(self) -> tuple[Bookmark, ...]:
        """The bookmarks in order; assign others, or these in another order.

        Raises
        ------
        ValueError
            If one of them is no bookmark, or two have one name.
        """
        return tuple(Bookmark.from_dict(value) for value in self._tour)

    @tour.setter
    def tour(self, bookmarks: Sequence[Bookmark | Mapping[str, Any]]) -> None:
        if isinstance(bookmarks, str | Mapping) or not isinstance(bookmarks, Iterable):
            msg = f"tour={bookmarks!r:.80}: expected bookmarks, from explorer.bookmark(name)"
            raise ValueError(msg)  # noqa: TRY004 - a bad value like the others
        made = [b if isinstance(b, Bookmark) else Bookmark.from_dict(b) for b in bookmarks]
        names = [bookmark.name for bookmark in made]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            msg = f"tour: {', '.join(map(repr, twice))} twice; a name stands for one view"
            raise ValueError(msg)
        with self.hold_sync():
            self.step = None
            self._tour = [bookmark.to_dict() for bookmark in made]

    @t.validate("step")
    def _check_step(self, proposal: Mapping[str, Any]) -> int | None:
        value = proposal["value"]
        if value is None:
            return None
        number = whole_number(value)
        if number is None or not 0 <= number < len(self._tour):
            have = f"bookmarks 0 to {len(self._tour) - 1}" if self._tour else "no bookmarks yet"
            msg = f"step={value!r}: this tour has {have}"
            raise t.TraitError(msg)
        return number

    @t.observe("step")
    def _go(self, change: Mapping[str, Any]) -> None:
        if change["new"] is not None and not self._with_its_view:
            self.state = self._tour[change["new"]]["state"]

    def _from_json(self, name: str, value: object) -> object:
        read = self.trait_metadata(name, "from_json")
        return value if read is None else read(value, self)


def captioned(caption: object) -> Caption:
    """Read a caption: a text for both languages, or one for each.

    Raises
    ------
    ValueError
        If it is neither.
    """
    if isinstance(caption, str):
        return {"en": caption, "ja": caption}
    if isinstance(caption, Mapping) and caption and set(caption) <= {"en", "ja"}:
        other = next(iter(caption.values()))
        texts: dict[Literal["en", "ja"], Any] = {
            "en": caption.get("en", other),
            "ja": caption.get("ja", other),
        }
        if all(isinstance(text, str) for text in texts.values()):
            return texts
    msg = f"caption={caption!r:.80}: expected a text, or {{'en': ..., 'ja': ...}}"
    raise ValueError(msg)


def _name(name: object) -> str:
    if not isinstance(name, str) or not name.strip():
        msg = f"name={name!r:.80}: expected what the bookmark is to be called"
        raise ValueError(msg)
    return name


def _read(state: Mapping[str, Any] | str, names: Sequence[str]) -> Mapping[str, Any]:
    if isinstance(state, str):
        try:
            state = json.loads(state)
        except json.JSONDecodeError as error:
            msg = f"state={state!r:.80} is no JSON: {error}"
            raise ValueError(msg) from error
    if not isinstance(state, Mapping):
        msg = f"state={state!r:.80}: expected settings by name, as explorer.state gives them"
        raise ValueError(msg)  # noqa: TRY004 - a bad value like the others
    unknown = [name for name in state if name not in names]
    if unknown:
        listed = ", ".join(map(repr, unknown))
        msg = f"state has {listed}, which is no setting: there are {', '.join(names)}"
        raise ValueError(msg)
    return state
