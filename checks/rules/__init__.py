"""Rules by area: pure functions from facts to findings."""
