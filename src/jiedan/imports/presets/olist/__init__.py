"""The orders of Olist, a Brazilian marketplace (2016 to 2018): a folder of nine files that becomes one merchant.

`files` reads them, `lives` says what each order's life was in our terms, `goods` what stands before the orders,
`totals` counts what must come out; `report` compares. All pure, apart from reading the files.

`whole` is the way in: it takes the `stages` one after the other, where `placing` stores a set of orders through the
doors of the modules, and counts at the end what is `stored`.
"""
