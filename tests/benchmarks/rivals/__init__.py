"""What the intake of callbacks is measured against. Each stores the same, and does nothing else for it."""
