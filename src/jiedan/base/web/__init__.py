"""The HTTP frame every module's `api.py` and `pages.py` stand in; it knows no module.

The road of a request: `frame` (request id, access log, security headers, last-resort errors) → Litestar's router →
`gate` (who is it, how often, may they) → body (`bodies`) → the module's handler with its `unit.Unit`. A refusal on that
road becomes an answer in `problems` alone.
"""
