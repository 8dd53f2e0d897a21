"""Files of rows brought in: read, mapped, tried, saved in chunks, resumed where they stopped.

Words: a *target* is what rows become (products, customers, opening stock); a *mapping* says which column of the file is
which field of the target; a *run* is one file on its way in, with its position and its counts. A chunk of rows, its
errors and the new position are saved in one transaction, so a run that was killed goes on without doubling or losing.

A new target is a file in `targets/` and a line in its `TARGETS`. Doors: `service`, `queries`, and `run.run`.
"""
