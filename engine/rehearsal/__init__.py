"""A set on a stage: a database of its own, a clock that is turned by hand, and channels that keep what they are given."""
