"""POSTIDENT: API, the person's pages, the clerk's counter, webhooks and faults.

Behaves as public clients, guides and help pages of SCR-Ident show it. What these leave open (paths below the host,
status codes of errors, sub-status codes, when a case closes) is chosen here and may differ from the real service.
"""
