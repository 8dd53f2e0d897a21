"""The torture: load, faults under load, and what must hold afterwards, on an installation made for it and thrown away.

`installation` starts everything, `shop` is a merchant there, `load` its customers, who write down in `told` what they
were told. Between the application and PostgreSQL stands `database_line`, before the card processor and before incoming
webhooks `http_line`; both break on demand. `faults` are the steps, `registry` lists them, `ordeal` runs one: load,
fault, heal, drain, then `audit` checks the books and what was told. Nothing outside its temporary folder is touched.
"""
