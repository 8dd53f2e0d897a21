"""Cases: what a person has to look at, about any subject.

Owns: cases, their queue, assignment, notes and resolution. A case names its subject by (kind, id) and knows no other
module. Doors: `service.open_cases`, `service.resolve_cases`, `queries`.
"""
