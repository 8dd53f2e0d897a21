"""Bulk jobs: one thing done to many orders, by the worker, with an outcome for each.

A job takes orders that were ticked, or all that fit filters at one moment: then the worker writes them down first, so
what the job itself changes does not change what it is about. It goes on set by set, each in one transaction with its
outcomes: killed at any moment it continues with the next order, and nothing happens twice. What is done to orders goes
through the same doors as a single command; whether the person may still do it, and whether the order was edited since
it was chosen, is looked at again each time.
"""
