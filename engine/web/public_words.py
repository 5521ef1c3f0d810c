"""What public pages say by themselves, in the language of who reads them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache

from engine.words import said, speech


@dataclass(frozen=True, slots=True)
class Words:
    send: str = said("Send")
    thanks: str = said("Thank you")
    thanks_why: str = said("We have it and will be in touch with you soon.")
    again: str = said("Send another")
    one_wrong: str = said("One thing to put right")
    some_wrong: str = said("{count} things to put right")
    empty: str = said("{label} is empty.")
    consent: str = said("Please tick this box, so that we may answer you.")
    quick: str = said("That was quick. Please look it over and press the button once more.")
    old: str = said("This page was open for a long time. Please press the button once more.")
    trap: str = said("Leave this empty")
    file_again: str = said("Please choose the file again.")
    gone: str = said("There is nothing here")
    gone_why: str = said("The address may have been mistyped, or what was here is over.")
    wait: str = said("One moment, please")
    wait_why: str = said("Many requests came from your network. Please try again in a few minutes.")
    failed: str = said("That did not work")
    failed_why: str = said("Something went wrong on our side. Please try again in a moment.")
    done: str = said("Done, thank you")
    done_why: str = said("We have noted it. There is nothing more that you need to do.")
    settled: str = said("Nothing left to do here")
    settled_why: str = said(
        "This has been settled in the meantime. Is something not right? Please answer our message or call us."
    )
    over: str = said("This link is over")
    over_why: str = said("It was open for a certain time only. Please answer our message or call us.")
    answer: str = said("What would you like to do?")
    back: str = said("Back")


@lru_cache(maxsize=100)
def words_of(language: str) -> Words:
    spoken, english = speech(language), Words()
    return Words(**{field.name: spoken.tell(getattr(english, field.name)) for field in fields(Words)})
