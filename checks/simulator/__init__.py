"""A WinRM server on loopback with simulated nodes: the demo, and the far side of the tests."""
