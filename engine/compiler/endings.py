"""`stage: {ends: won}`: the words for how a stage ends, whatever a set calls it."""

OPEN = "open"  # it does not
ENDS = "ends"
ENDINGS = ("won", "lost", "done", OPEN)
