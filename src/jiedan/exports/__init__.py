"""Exports: orders and their lines as a table that spreadsheets open, CSV or XLSX.

Filters are those of the list of orders. Rows are read in sets, each in a transaction of its own, and written as they
come: memory does not grow with the number of orders. What would be a formula is written as text. `run` reads and
writes; the API streams what it writes, the command line puts it into a file.
"""
