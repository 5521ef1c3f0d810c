"""What the program says, in the reader's language.

English is written where it is said, whole sentences with names for what changes in them; catalogues (`ar.po`) hold the
same sentences in other languages, and English stands where one of them has none. `make words` gathers the sentences
of all templates, screens and doors into the catalogues.
"""

from __future__ import annotations

from engine.words.said import Said, Sentences, said, said_n, sentences
from engine.words.speech import ENGLISH, RIGHT_TO_LEFT, Speech, direction, speech

__all__ = [
    "ENGLISH", "RIGHT_TO_LEFT", "Said", "Sentences", "Speech", "direction", "said", "said_n", "sentences", "speech",
]  # fmt: skip
