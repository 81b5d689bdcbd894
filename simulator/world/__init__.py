"""What is true in the simulated accounts: products, demand, stock, and what Amazon publishes of it.

Everything follows from the seed and the calendar; no wall clock, no global random state.
"""
