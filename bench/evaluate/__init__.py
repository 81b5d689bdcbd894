"""How much of what was hidden in simulated worlds the controls find: precision, recall, days, causes, lines a day."""
