"""How often Python looks for garbage: its own measure is for programs that make little of it, or much in circles."""

import gc

ANSWERING = (2_000, 10, 400)
"""The garbage collector looks after so many new objects: a batch of orders makes thousands, and none in a circle. It
looks at few at a time, because nobody is answered meanwhile: 2,000 take 2 ms, and what those of ten looks left, 5;
20,000 took up to 37."""

WORKING = (50_000, 20, 50)
"""Who works through sets keeps nobody waiting, and the sets are larger: looking every 700 objects, as Python does by
itself, took an eighth of a worker's time and a tenth of an import's."""


def look_seldom(after: tuple[int, int, int]) -> None:
    """Leave alone for good what is there now, in this process, and look at the rest `after` so many new objects.

    It is for who owns the process: a command, or the main function of a server.
    """
    gc.freeze()
    gc.set_threshold(*after)
