"""The orders of Olist, a Brazilian marketplace (2016 to 2018): a folder of nine files that becomes one merchant.

`files` reads them, `lives` says what each order's life was in our terms, `totals` counts what must come out. All pure,
apart from reading the files.
"""
