"""Reports: what happened by hour, in numbers that are read in a moment however many orders there are.

An hour that is over is counted once, from the facts, by the clock; an order or parcel that is told of later, or whose
total changes, makes its hour due to be counted again. The hour that runs is counted when it is asked for.
"""
