"""The outside world for demo and tests: POSTIDENT, the record system and a mailbox.

It speaks HTTP and SMTP only and knows no app of this project. Nothing here is Deutsche Post, gematik or an insurer:
it behaves as their public material says, and in every broken way that a switch can ask for.
"""
