"""The steps of each fix: judgement in Python, work in one script on the node."""
