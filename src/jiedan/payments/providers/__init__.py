"""Payment providers: adapters to those who move the money, behind `protocol.Provider`.

`sandbox` is a card processor of our own to try and test with, reached over HTTP like any other. Bank transfers, cash
and money taken elsewhere need no adapter: people say what happened. Others register theirs under the entry point group
`jiedan.payment_providers`, as a function from `gateways.Surroundings` to a `protocol.Provider`.
"""
