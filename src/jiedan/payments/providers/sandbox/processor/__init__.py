"""The sandbox's card processor: a program of its own, which nobody who imports Jiedan needs.

`bank` decides what a charge does, `store` keeps it in a file, `delivery` sends signed messages, `app` is its HTTP.

Cards are typed on its page only, and only test cards work; their numbers are neither stored nor logged. By API a token
stands for a card: `tok_visa` works, `tok_declined` is declined, `tok_hangs` charges and then does not answer,
`tok_late` answers later, `tok_duplicates` sends each message three times, `tok_reorders` sends messages backwards. Each
has a number on the page: `bank.CARDS`.
"""
