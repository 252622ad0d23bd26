"""The rehearsal: the day a method is suspended, played on a database of its own, with a ledger at its end."""
