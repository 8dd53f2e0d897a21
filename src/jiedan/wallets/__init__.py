"""Wallets: store credit, gift cards and loyalty points; what a merchant owes customers beside goods.

It owns wallets with their balances, gift cards, lots (what came in together and runs out together), the rules of
loyalty, and an append-only ledger in double entry: each movement has one leg on a wallet and one on an account of the
merchant's, and the two sum to zero. A balance is never negative.

Its doors are sets: `service.adjust_many`, `issue_cards`, `pay_many`, `give_back_many`, `settle_earnings`. Each locks
its wallets in key order, decides in `rules`, and saves with one statement per table; one is a set of one. Placement
redeems inside its own transaction, like a coupon, never by a gateway.
"""
