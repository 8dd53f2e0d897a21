"""Merchants, the people who work for them, and what those people and their programs may do.

Owns merchants and their settings, staff, roles, one-time links (invitations, password resets), sessions, API keys and
the throttle of sign-ins. Words: a *merchant* is a tenant; *staff* belong to one merchant and have one *role*; a role is
a set of *permissions* (`module:verb`); a *credential* (session or API key) names its merchant and holds a secret, of
which only the SHA-256 is stored.

Doors: `queries.settings` (what every other module reads of a merchant), `queries.credentials_alive` (for a batch),
`service` (create a merchant, manage staff and keys, sign in), `values.PERMISSIONS`.
"""
