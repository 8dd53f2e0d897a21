"""How mails leave: one form for all, one server or the mailbox."""
