"""Re-verification campaigns: people identified by a method are asked to identify themselves again (M4)."""
