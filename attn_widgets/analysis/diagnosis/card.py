"""A diagnosis as a card for a page: plain values, with places to show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypedDict

from attn_widgets.analysis.diagnosis.language import tongue
from attn_widgets.analysis.diagnosis.places import in_norms
from attn_widgets.analysis.diagnosis.report import notes, title, unknown
from attn_widgets.analysis.diagnosis.say_evidence import evidence
from attn_widgets.analysis.diagnosis.say_flow import flow
from attn_widgets.analysis.diagnosis.say_textbook import sentences

if TYPE_CHECKING:
    from attn_widgets.analysis.diagnosis.diagnosis import Diagnosis
    from attn_widgets.analysis.diagnosis.findings import Finding
    from attn_widgets.analysis.diagnosis.language import Tongue
    from attn_widgets.analysis.diagnosis.places import About, Place, View
    from attn_widgets.analysis.language import Language

Seen: TypeAlias = Literal["found", "not found", "cannot judge"]


class CardPlace(TypedDict):
    """A :class:`Place`: what to put on show. Layers and heads are the model's own numbers."""

    layer: int
    head: int
    value: float
    seen: bool
    query: int | None
    key: int | None
    role: About | None
    view: View


class CardFinding(TypedDict):
    """One claim of the textbook.

    `sentences` are in order: what the textbook means, found or not, the numbers, the heads; the
    last two only where measured. `where` lists what shows it best, best first; it may be empty.
    """

    name: str
    state: Seen
    title: str
    sentences: list[str]
    where: list[CardPlace]


class CardItem(TypedDict):
    """One thing that is said; `where` is empty where there is nothing to show."""

    name: str
    title: str
    text: str
    where: list[CardPlace]


class CardHint(TypedDict):
    """The clogged rule.

    `state` is ``"silent"`` where the rule does not apply. `items` are the hint itself, the
    quadrants where there are any, its known miss rate and the output test: never show the first
    without the others. `where` are the heads of the clogged layers.
    """

    state: Literal["hint", "no hint", "silent"]
    items: list[CardItem]
    where: list[CardPlace]


class Card(TypedDict):
    """All that a card says, in one language; every text is plain, none is HTML.

    `headline` is one line that says what was seen and that it is no verdict. `states` are the
    textbook's three, `story` its three steps.
    """

    lang: str
    title: str
    headline: str
    notes: list[str]
    states: list[CardFinding]
    story: list[CardFinding]
    evidence: list[CardItem]
    hint: CardHint
    cannot_conclude: list[CardItem]


def card(diagnosis: Diagnosis, language: Language) -> Card:
    """Put a diagnosis on a card.

    Where the report says what to write in Python, the card names what the panel around it offers.

    Raises
    ------
    ValueError
        If the language is neither ``"en"`` nor ``"ja"``.
    """
    own = tongue(language).on_card()
    warns = diagnosis.hint.warns
    return {
        "lang": language,
        "title": title(diagnosis, own),
        "headline": _headline(diagnosis, own),
        "notes": list(notes(diagnosis, own)),
        "states": [_finding(diagnosis, one, own) for one in diagnosis.states],
        "story": [_finding(diagnosis, one, own) for one in diagnosis.story],
        "evidence": [
            _item(row.about, row.name, row.words, _shown(diagnosis, row.about))
            for row in evidence(diagnosis, own)
        ],
        "hint": {
            "state": "silent" if warns is None else "hint" if warns else "no hint",
            "items": [_item(row.about, row.name, row.words) for row in flow(diagnosis, own)],
            "where": _plain(diagnosis.hint.places),
        },
        "cannot_conclude": [
            _item(row.about, row.name, row.words) for row in unknown(diagnosis, own)
        ],
    }


def _headline(diagnosis: Diagnosis, own: Tongue) -> str:
    found = [one.found for one in diagnosis.states]
    return own.say(
        "headline",
        count=len(found),
        found=found.count(True),
        absent=found.count(False),
        open=found.count(None),
    )


def _finding(diagnosis: Diagnosis, finding: Finding, own: Tongue) -> CardFinding:
    states: dict[bool | None, Seen] = {True: "found", False: "not found", None: "cannot judge"}
    return {
        "name": finding.name,
        "state": states[finding.found],
        "title": own.say(f"{finding.name}.name"),
        "sentences": list(sentences(finding, diagnosis.numbers, own)),
        "where": _plain(finding.places),
    }


_SHOWN: Final = {
    "weight": ("all_special", "weights"),
    "message": ("all_special", "norms"),
    "drain": ("lower_cls", "norms"),
    "arrow": ("reading", "weights"),
    "lower_cls": ("lower_cls", "norms"),
    "middle_sep": ("middle_sep", "norms"),
    "all_special": ("all_special", "norms"),
}
"""Which finding's place shows a piece of evidence, and in which view."""


def _shown(diagnosis: Diagnosis, about: str) -> tuple[Place, ...]:
    name, view = _SHOWN.get(about, ("", ""))
    if not name or (view == "norms" and diagnosis.stage is None):
        return ()
    places = diagnosis.finding(name).places
    return in_norms(places) if view == "norms" else places


def _item(name: str, heading: str, text: str, where: tuple[Place, ...] = ()) -> CardItem:
    return {"name": name, "title": heading, "text": text, "where": _plain(where)}


def _plain(places: tuple[Place, ...]) -> list[CardPlace]:
    return [
        {
            "layer": one.layer,
            "head": one.head,
            "value": one.value,
            "seen": one.seen,
            "query": one.query,
            "key": one.key,
            "role": one.role,
            "view": one.view,
        }
        for one in places
    ]
