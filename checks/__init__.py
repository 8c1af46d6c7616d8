"""Reading a Windows node, judging it and repairing it safely. Imports no Qt."""
