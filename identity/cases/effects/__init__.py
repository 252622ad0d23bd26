"""What an order does to people in the middle: found, carried out in batches, and brought back when it ends."""
