"""What the rows of checklist and node list can be used for; made once, since views ask for them at every picture."""

from PySide6.QtCore import Qt

HEADING = Qt.ItemFlag.NoItemFlags
"""An area or a group: the keyboard passes over it."""
ROW = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
