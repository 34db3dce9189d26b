"""Sentences to train on and to watch with, which have nothing in common."""

from __future__ import annotations

from typing import Final

WATCHED: Final = (
    "The dog chased the cat across the garden until it was tired.",
    "She bought a ticket to Kyoto and slept on the night train.",
    "Rain is expected in the north, with sun later in the week.",
    "Our teacher explained how a bill becomes a law in two steps.",
    "The recipe needs three eggs, a cup of sugar and some patience.",
    "A new bridge will connect both sides of the river next year.",
    "He could not remember where he had left the keys to the shed.",
    "The orchestra played the second movement far too fast tonight.",
    "Prices rose again last month, mostly for bread and for rent.",
    "Bees tell each other by dancing where the flowers can be found.",
    "The program crashed because a list was changed while it was read.",
    "Nobody in the village had ever seen so much snow in the spring.",
)
"""Enough, and long enough, for the clogged rule."""

ONE: Final = ("The quick brown fox jumps over the lazy dog near the old mill.",)

MANY: Final = (
    "A lighthouse keeper counted the ships that passed before dawn.",
    "The committee postponed its decision until the end of August.",
    "Grandfather repaired clocks in a narrow shop behind the station.",
    "Volcanoes in Iceland heat the water of many public swimming pools.",
    "The goalkeeper saved two penalties and was carried off the field.",
    "Children painted the fence blue while their parents were at work.",
    "An unknown virus spread quickly among the oysters of the bay.",
    "My sister learned the violin but never liked to play for guests.",
    "The senator apologised for a letter that he had not written.",
    "Copper wires were replaced by glass fibres in the whole district.",
    "Wolves returned to the forest after a hundred years of absence.",
    "The novel begins with a funeral and ends with two weddings.",
    "Engineers tested the engine for a month without finding the fault.",
    "Tea was once so precious that it was locked in wooden boxes.",
    "The satellite lost contact shortly after it had left its orbit.",
    "He sold his bicycle to pay for a course in Japanese cooking.",
    "Heavy trucks are not allowed to use the tunnel on weekends.",
    "The archive keeps letters of soldiers who never came home.",
    "A small earthquake woke the guests of the hotel at midnight.",
    "Farmers complained that the new law helps only large companies.",
    "The actress forgot her lines and invented better ones on stage.",
    "Salmon swim up the stream in which they were born to lay eggs.",
    "Our neighbours built a wooden boat that was too wide for the gate.",
    "The judge asked for silence and then laughed louder than anyone.",
    "Old maps show islands that no sailor has been able to find again.",
    "The bakery on the corner closes when the last loaf has been sold.",
    "Electric buses will replace the trams on three lines this winter.",
    "A student discovered an error in a proof that was a century old.",
    "The museum lent its most famous painting to a school for a day.",
    "Fog covered the valley so that the balloon could not take off.",
    "They crossed the desert by night and slept in caves by day.",
    "The printer refused to work until someone read the manual aloud.",
)
