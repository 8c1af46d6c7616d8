"""The window. Imports `checks`, never the reverse, and decides nothing about nodes."""
