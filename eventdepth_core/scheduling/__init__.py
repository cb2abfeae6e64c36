"""When estimates are made and what waits for them; replay and the live path share both."""
