"""The sandbox: a card processor to try Jiedan with and to test it against.

`processor` is the processor, a program of its own with its own port, store and payment page. `client` is Jiedan's side:
it speaks HTTP and never sees a card number. `signatures` is what both know about signing messages.
"""
