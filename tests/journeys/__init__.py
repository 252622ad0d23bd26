"""The stories of insured people and clerks in a real browser, against the whole application."""
