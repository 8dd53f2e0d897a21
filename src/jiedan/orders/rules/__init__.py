"""Pure decisions about orders, one file per subject: drafts, placing, statuses, totals, lifecycle."""
